/** The token goes in, a cookie that scripts cannot read comes out. */

import { call } from "./client";

export function signIn(token: string) {
  return call("post", "/v1/session", { body: { token } });
}

export function signOut() {
  return call("delete", "/v1/session");
}
