import type { WorkerInfo } from "@/api/types";
import { formatAbsolute, formatTime } from "@/format/time";
import { CheckList } from "./CheckList";

/** A process that builds, as it said at its last heartbeat. */
export function WorkerEntry({ worker }: { worker: WorkerInfo }) {
  const { id, slots, version, ready, checks, seenAt } = worker;
  return (
    <li className="p-4">
      <p className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1 text-sm">
        <code className="break-all font-mono text-xs">{id}</code>
        <span className="tabular text-muted text-xs">
          {ready ? "Ready" : "Not ready"}, {slots} {slots === 1 ? "build" : "builds"} at once, version{" "}
          {version}
        </span>
      </p>
      <p className="mt-1 text-muted text-xs">
        Last heartbeat at{" "}
        <time dateTime={seenAt} title={formatAbsolute(seenAt)} className="tabular">
          {formatTime(seenAt)}
        </time>
      </p>
      {checks.length > 0 && (
        <div className="mt-3">
          <CheckList checks={checks} />
        </div>
      )}
    </li>
  );
}
