import { isUnauthorized } from "@/api/errors";
import { StreamBlocked } from "@/api/event-stream";
import { type Change, followChanges } from "@/api/events";
import { pause, untilVisible, whileVisible } from "@/api/pause";
import { markSignedOut } from "@/features/session/session-state";

/** `live`: changes come by themselves. `polling`: they do not, so views ask. */
export type Connection = "connecting" | "live" | "polling";

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15_000;
/** A blocked stream is tried again now and then: the network may have changed. */
const BLOCKED_WAIT_MS = 60_000;

export interface ChangeListener {
  onConnection: (connection: Connection) => void;
  onChange: (change: Change) => void;
}

/** Follows until `signal` ends it. Every time it connects, what was missed is made up for by a reset. */
export async function keepFollowing(listener: ChangeListener, signal: AbortSignal): Promise<void> {
  let lastId = "";
  let wait = FIRST_WAIT_MS;
  while (!signal.aborted) {
    await untilVisible(signal);
    const visible = whileVisible(signal);
    try {
      for await (const batch of followChanges(lastId, visible.signal)) {
        listener.onConnection("live");
        wait = FIRST_WAIT_MS;
        lastId = batch.lastId;
        batch.changes.forEach(listener.onChange);
      }
    } catch (cause) {
      if (!visible.signal.aborted) listener.onConnection("polling");
      if (isUnauthorized(cause)) return markSignedOut();
      if (cause instanceof StreamBlocked) wait = BLOCKED_WAIT_MS;
    } finally {
      visible.release();
    }
    if (!visible.signal.aborted) await pause(wait, signal);
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  }
}
