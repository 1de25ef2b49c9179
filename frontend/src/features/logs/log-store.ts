import type { LogLine } from "@/api/types";

/** Views are told at most this often, however fast lines come. */
const TELL_EVERY_MS = 80;

export type FeedState = "connecting" | "live" | "polling" | "reconnecting" | "ended";

/**
 * The lines of one log, each once and in order, and how they come. Outside of React: lines are appended in place, and views are
 * told of a new version now and then.
 */
export class LogStore {
  readonly lines: LogLine[] = [];
  private feed: FeedState = "connecting";
  private problem: Error | null = null;
  private changes = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly listeners = new Set<() => void>();

  /** The number to ask for next. */
  get next(): number {
    return (this.lines.at(-1)?.seq ?? 0) + 1;
  }

  get state(): FeedState {
    return this.feed;
  }

  get ended(): boolean {
    return this.feed === "ended";
  }

  get error(): Error | null {
    return this.problem;
  }

  /** Takes lines; what is there already is left out, so a source may begin anywhere before `next`. */
  append(lines: readonly LogLine[]): void {
    let next = this.next;
    for (const line of lines) {
      if (line.seq < next) continue;
      this.lines.push(line);
      next = line.seq + 1;
    }
    if (lines.length > 0) this.tell();
  }

  setState(state: FeedState, error: Error | null = null): void {
    if (this.feed === state && this.problem === error) return;
    this.feed = state;
    this.problem = error;
    this.tell();
  }

  /** The place of a line by its number; -1 when it is not there. */
  indexOf(seq: number): number {
    const first = this.lines[0]?.seq ?? 1;
    const guess = seq - first;
    return this.lines[guess]?.seq === seq ? guess : this.lines.findIndex((line) => line.seq === seq);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly version = (): number => this.changes;

  private tell(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.changes += 1;
      for (const listener of this.listeners) listener();
    }, TELL_EVERY_MS);
  }
}
