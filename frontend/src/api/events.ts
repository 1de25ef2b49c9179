/** The stream of everything that changed (contract §6). */

import { apiUrl } from "./base";
import { eventStream } from "./event-stream";

export type Change =
  | { kind: "deployment"; id: string }
  /** Changes may have been missed: read everything again. */
  | { kind: "reset" };

export interface ChangeBatch {
  changes: Change[];
  lastId: string;
}

export async function* followChanges(lastId: string, signal: AbortSignal): AsyncGenerator<ChangeBatch> {
  let last = lastId;
  for await (const events of eventStream(apiUrl("/v1/events"), signal, lastId)) {
    last = events.at(-1)?.id || last;
    yield { changes: events.flatMap(({ event, data }) => readChange(event, data)), lastId: last };
  }
}

export function readChange(event: string, data: string): Change[] {
  if (event === "reset") return [{ kind: "reset" }];
  try {
    const body: unknown = JSON.parse(data);
    if (typeof body !== "object" || body === null) return [];
    const { deployment, id } = body as { deployment?: unknown; id?: unknown };
    const named = typeof deployment === "string" ? deployment : id;
    return typeof named === "string" ? [{ kind: "deployment", id: named }] : [];
  } catch {
    return [];
  }
}
