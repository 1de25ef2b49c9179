/** What the server is, and whether it can work. */

import { call } from "./client";
import type { Readiness, ServerInfo } from "./types";

export function getServer(signal: AbortSignal): Promise<ServerInfo> {
  return call("GET", "/v1/server", { signal });
}

/** 503 is an answer too: it says which check fails. */
export function getReadiness(signal: AbortSignal): Promise<Readiness> {
  return call("GET", "/readyz", { signal, also: [503] });
}
