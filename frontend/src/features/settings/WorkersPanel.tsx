"use client";

import { HardDrive } from "lucide-react";
import { ErrorState } from "@/components/ErrorState";
import { Panel } from "@/components/Panel";
import { Skeleton } from "@/components/Skeleton";
import { useServer } from "./queries";
import { WorkerEntry } from "./WorkerEntry";

/** Who builds, and when each was last heard of. */
export function WorkersPanel() {
  const server = useServer();
  if (server.isError) return <ErrorState error={server.error} onRetry={() => void server.refetch()} />;
  const workers = server.data?.workers;
  return (
    <Panel
      title="Workers"
      flush
      aside={workers && <span className="tabular text-muted text-xs">{workers.length}</span>}
    >
      {server.isPending ? (
        <div className="p-4">
          <Skeleton className="h-16" />
        </div>
      ) : !workers?.length ? (
        <p className="flex gap-2.5 p-4 text-muted text-sm">
          <HardDrive aria-hidden className="mt-0.5 size-4 shrink-0" />
          {workers
            ? "No worker has been heard of. Deployments wait until a deploy-worker runs and reaches the same Redis."
            : "The server cannot say now: what knows the workers is out of reach. The checks tell more."}
        </p>
      ) : (
        <ul className="divide-y divide-line">
          {workers.map((worker) => (
            <WorkerEntry key={worker.id} worker={worker} />
          ))}
        </ul>
      )}
    </Panel>
  );
}
