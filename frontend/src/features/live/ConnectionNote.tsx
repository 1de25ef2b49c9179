"use client";

import { classes } from "@/components/classes";
import { useConnection } from "./LiveProvider";

const WORDS = {
  connecting: { text: "Connecting", title: "Waiting for the server's event stream.", dot: "bg-muted" },
  live: { text: "Live", title: "Changes appear by themselves.", dot: "bg-success" },
  polling: {
    text: "Polling",
    title: "The event stream is blocked or away; this page asks every few seconds.",
    dot: "bg-warning",
  },
} as const;

/** Whether what is shown follows the server by itself. */
export function ConnectionNote() {
  const { text, title, dot } = WORDS[useConnection()];
  return (
    <span title={title} className="inline-flex items-center gap-1.5 text-muted text-xs">
      <span aria-hidden className={classes("size-1.5 rounded-full", dot)} />
      <span className="sr-only">Updates: </span>
      {text}
    </span>
  );
}
