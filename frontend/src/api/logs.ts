/** The log of a deployment: as a stream, or what is there now. */

import { apiUrl } from "./base";
import { queryString } from "./client";
import { eventStream, StreamBlocked } from "./event-stream";
import { partsOf } from "./parts";
import { open } from "./transport";
import type { LogLine } from "./types";

const path = (id: string) => `/v1/deployments/${encodeURIComponent(id)}/logs`;

/** Plain text, for saving. */
export function logTextUrl(id: string): string {
  return apiUrl(path(id));
}

export interface LogPiece {
  lines: LogLine[];
  ended: boolean;
}

/** History from `from` on and then what comes, until the log's end. */
export async function* followLog(id: string, from: number, signal: AbortSignal): AsyncGenerator<LogPiece> {
  const url = apiUrl(path(id)) + queryString({ from, follow: "true" });
  for await (const events of eventStream(url, signal)) {
    const lines = events.filter((event) => event.event === "line").map((event) => parseLine(event.data));
    yield { lines, ended: events.some((event) => event.event === "end") };
  }
}

/** What is there from `from` on, in pieces. */
export async function* readLog(id: string, from: number, signal: AbortSignal): AsyncGenerator<LogLine[]> {
  const url = apiUrl(path(id)) + queryString({ from });
  const response = await open(url, { accept: "application/x-ndjson" }, signal);
  if (!response.body) throw new StreamBlocked("The answer has no body.");
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    for (const part of partsOf(value)) {
      const texts = (rest + part).split("\n");
      rest = texts.pop() ?? "";
      yield texts.filter(Boolean).map(parseLine);
    }
  }
}

function parseLine(text: string): LogLine {
  return JSON.parse(text) as LogLine;
}
