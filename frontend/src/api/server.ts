/** What the server is, and whether it can work. */

import { call } from "./client";

export function getServer(signal: AbortSignal) {
  return call("get", "/v1/server", { signal });
}

/** 503 is an answer too: it says which check fails. */
export function getReadiness(signal: AbortSignal) {
  return call("get", "/readyz", { signal, also: [503] });
}
