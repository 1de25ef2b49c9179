/** Streams of server-sent events over `fetch`: unlike EventSource it tells a refusal from a blocked stream. */

import { partsOf } from "./parts";
import { EventParser, type ServerEvent } from "./sse";
import { open } from "./transport";

/** The headers of a stream come at once; where they do not, something between us holds them back. */
const HEADERS_WITHIN_MS = 8_000;
/** The server sends a comment every 15 s. */
const SILENCE_MS = 40_000;

/** Something between server and browser does not let event streams through. */
export class StreamBlocked extends Error {
  override name = "StreamBlocked";
}

/** The events in batches, one for each piece that arrives; ends when the server ends the stream. */
export async function* eventStream(
  url: string,
  signal: AbortSignal,
  lastEventId = "",
): AsyncGenerator<ServerEvent[]> {
  const headers = { accept: "text/event-stream", ...(lastEventId && { "last-event-id": lastEventId }) };
  const watch = new Watchdog(signal);
  try {
    watch.expectWithin(HEADERS_WITHIN_MS);
    const response = await watch.run(open(url, headers, watch.signal));
    if (!response.headers.get("content-type")?.startsWith("text/event-stream") || !response.body) {
      throw new StreamBlocked("The answer is not an event stream.");
    }
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    const parser = new EventParser();
    for (;;) {
      watch.expectWithin(SILENCE_MS);
      const { done, value } = await watch.run(reader.read());
      if (done) return;
      watch.rest();
      for (const part of partsOf(value)) yield parser.push(part);
    }
  } finally {
    watch.stop();
  }
}

/** Aborts a request that stays silent, and says that this was the reason. */
class Watchdog {
  private readonly own = new AbortController();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private expired = false;

  constructor(outer: AbortSignal) {
    if (outer.aborted) this.own.abort();
    outer.addEventListener("abort", () => this.own.abort(), { once: true });
  }

  get signal(): AbortSignal {
    return this.own.signal;
  }

  expectWithin(ms: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.expired = true;
      this.own.abort();
    }, ms);
  }

  /** What is taken in is ours; how long that lasts says nothing about the stream. */
  rest(): void {
    clearTimeout(this.timer);
  }

  async run<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (cause) {
      throw this.expired ? new StreamBlocked("The stream stayed silent.") : cause;
    }
  }

  stop(): void {
    clearTimeout(this.timer);
    this.own.abort();
  }
}
