"use client";

import { ErrorState } from "@/components/ErrorState";
import { Panel } from "@/components/Panel";
import { Skeleton } from "@/components/Skeleton";
import { CheckList } from "./CheckList";
import { useReadiness } from "./queries";

/** The checks of `/readyz`. */
export function ReadinessPanel() {
  const readiness = useReadiness();
  if (readiness.isError)
    return <ErrorState error={readiness.error} onRetry={() => void readiness.refetch()} />;
  return (
    <Panel
      title="Checks"
      aside={readiness.data && <span className="text-muted text-xs">{readiness.data.status}</span>}
    >
      {readiness.isPending ? <Skeleton className="h-16" /> : <CheckList checks={readiness.data.checks} />}
    </Panel>
  );
}
