"use client";

import { type Deployment, isTerminal } from "@/api/types";
import { Panel } from "@/components/Panel";
import { useNow } from "@/features/live/useNow";
import { formatDuration } from "@/format/duration";
import { TimelineRow } from "./TimelineRow";
import { timelineOf } from "./timeline-spans";

/** The phases as the server timed them, on one scale. */
export function Timeline({ deployment }: { deployment: Deployment }) {
  const running = !isTerminal(deployment.status);
  const now = useNow(200, running);
  const { spans, totalMs } = timelineOf(deployment.phases, now);
  const failedIn = deployment.status === "failed" ? deployment.failure?.stage : undefined;
  return (
    <Panel
      title="Phases"
      aside={
        spans.length > 0 && <span className="tabular text-muted text-xs">{formatDuration(totalMs)}</span>
      }
    >
      {spans.length === 0 ? (
        <p className="text-muted text-sm">No phase has begun. The server reports each one as it starts.</p>
      ) : (
        <ol className="flex flex-col gap-2">
          {spans.map((span, place) => (
            <TimelineRow
              key={`${span.phase}-${span.startedAt}`}
              span={span}
              totalMs={totalMs}
              failed={
                failedIn === span.phase && place === spans.findLastIndex((each) => each.phase === failedIn)
              }
            />
          ))}
        </ol>
      )}
    </Panel>
  );
}
