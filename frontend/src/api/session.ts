/** The token goes in, a cookie that scripts cannot read comes out. */

import { call } from "./client";

export function signIn(token: string): Promise<void> {
  return call("POST", "/v1/session", { body: { token } });
}

export function signOut(): Promise<void> {
  return call("DELETE", "/v1/session");
}
