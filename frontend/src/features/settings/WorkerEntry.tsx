import type { WorkerInfo } from "@/api/types";
import { CheckList } from "./CheckList";

/** A process that builds, as it said at its last heartbeat. */
export function WorkerEntry({ worker }: { worker: WorkerInfo }) {
  const { id, slots, version, ready, checks } = worker;
  return (
    <li className="p-4">
      <p className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1 text-sm">
        <code className="break-all font-mono text-xs">{id}</code>
        <span className="tabular text-muted text-xs">
          {ready ? "Ready" : "Not ready"}, {slots} {slots === 1 ? "build" : "builds"} at once, version{" "}
          {version}
        </span>
      </p>
      {checks.length > 0 && (
        <div className="mt-3">
          <CheckList checks={checks} />
        </div>
      )}
    </li>
  );
}
