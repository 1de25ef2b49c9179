"use client";

import type { WorkerInfo } from "@/api/types";
import { useNow } from "@/features/live/useNow";
import { durationBetween, formatDuration } from "@/format/duration";
import { CheckList } from "./CheckList";

export function WorkerEntry({ worker }: { worker: WorkerInfo }) {
  const now = useNow(1_000);
  return (
    <li className="p-4">
      <p className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1 text-sm">
        <code className="break-all font-mono text-xs">{worker.id}</code>
        <span className="tabular text-muted text-xs">
          Heard of{" "}
          <time dateTime={worker.lastSeen}>
            {formatDuration(durationBetween(worker.lastSeen, null, now))}
          </time>{" "}
          ago
        </span>
      </p>
      {worker.checks.length > 0 && (
        <div className="mt-3">
          <CheckList checks={worker.checks} />
        </div>
      )}
    </li>
  );
}
