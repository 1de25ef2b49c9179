import type { LogStore } from "./log-store";

const WORDS = {
  connecting: "Opening the log…",
  reconnecting: "The log is out of reach; trying again.",
  live: "Waiting for the first line. Lines appear as they are written.",
  polling: "Waiting for the first line; the log is read every two seconds.",
  ended: "This deployment ended without a line.",
} as const;

export function LogEmpty({ store, finished }: { store: LogStore; finished: boolean }) {
  const state = finished && store.state === "live" ? "ended" : store.state;
  return <p className="log-line px-4 py-1 text-muted">{WORDS[state]}</p>;
}
