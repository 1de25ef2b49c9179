"use client";

import { type Deployment, isTerminal } from "@/api/types";
import { useNow } from "@/features/live/useNow";
import { durationBetween, formatDuration } from "@/format/duration";

/** From acceptance to the end, or until now. */
export function ElapsedTime({ deployment }: { deployment: Deployment }) {
  const running = !isTerminal(deployment.status);
  const now = useNow(1_000, running);
  return (
    <span className="tabular whitespace-nowrap">
      {formatDuration(durationBetween(deployment.createdAt, deployment.endedAt, now))}
    </span>
  );
}
