import { getStatus } from "@/api/deployments";
import { ApiError, isTemporary, isUnauthorized } from "@/api/errors";
import { StreamBlocked } from "@/api/event-stream";
import { followLog, readLog } from "@/api/logs";
import { nextTask, pause, untilVisible, whileVisible } from "@/api/pause";
import { isTerminal } from "@/api/types";
import { markSignedOut } from "@/features/session/session-state";
import type { LogStore } from "./log-store";

const POLL_MS = 2_000;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;
/** Work between two paints; half of a frame. */
const SLICE_MS = 8;

/** Fills a store until the log ends: from the event stream, resumed by number, or by asking where it is blocked. */
export async function feedLog(id: string, store: LogStore, signal: AbortSignal): Promise<void> {
  let blocked = false;
  let wait = FIRST_WAIT_MS;
  while (!signal.aborted && !store.ended) {
    await untilVisible(signal);
    const visible = whileVisible(signal);
    const before = store.next;
    try {
      await (blocked ? pollOnce(id, store, visible.signal) : follow(id, store, visible.signal));
      wait = blocked ? POLL_MS : FIRST_WAIT_MS;
    } catch (cause) {
      if (isUnauthorized(cause)) return markSignedOut();
      if (visible.signal.aborted) continue;
      if (cause instanceof StreamBlocked) blocked = true;
      else store.setState("reconnecting", asError(cause));
      if (cause instanceof ApiError && !isTemporary(cause)) return;
      wait = store.next > before ? FIRST_WAIT_MS : Math.min(wait * 2, LONGEST_WAIT_MS);
    } finally {
      visible.release();
    }
    if (!store.ended) await pause(wait, signal);
  }
}

async function follow(id: string, store: LogStore, signal: AbortSignal): Promise<void> {
  const slices = new Slices();
  for await (const piece of followLog(id, store.next, signal)) {
    store.append(piece.lines);
    store.setState(piece.ended ? "ended" : "live");
    if (piece.ended) return;
    await slices.breathe();
  }
}

/** The word first: when it is terminal, the lines that are read after it are all there are. */
async function pollOnce(id: string, store: LogStore, signal: AbortSignal): Promise<void> {
  const { status } = await getStatus(id, signal);
  const slices = new Slices();
  for await (const lines of readLog(id, store.next, signal)) {
    store.append(lines);
    await slices.breathe();
  }
  store.setState(status && isTerminal(status) ? "ended" : "polling");
}

/** Hands the thread back when it was held for a slice. */
class Slices {
  private began = performance.now();

  async breathe(): Promise<void> {
    if (performance.now() - this.began < SLICE_MS) return;
    await nextTask();
    this.began = performance.now();
  }
}

function asError(cause: unknown): Error {
  return cause instanceof Error ? cause : new Error(String(cause));
}
