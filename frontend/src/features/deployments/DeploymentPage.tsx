"use client";

import { SearchX } from "lucide-react";
import Link from "next/link";
import { useSearchParams } from "next/navigation";
import { ApiError } from "@/api/errors";
import { buttonClass } from "@/components/Button";
import { EmptyState } from "@/components/EmptyState";
import { ErrorState } from "@/components/ErrorState";
import { DeploymentSkeleton } from "./DeploymentSkeleton";
import { DeploymentView } from "./DeploymentView";
import { useDeployment } from "./queries";

/** `/deployments/view/?id=…` */
export function DeploymentPage() {
  const id = useSearchParams().get("id") ?? "";
  const deployment = useDeployment(id);
  if (deployment.data)
    return <DeploymentView key={id} deployment={deployment.data} stale={deployment.error} />;
  const unknown = id === "" || (deployment.error instanceof ApiError && deployment.error.status === 404);
  if (unknown) return <UnknownDeployment id={id} />;
  if (deployment.isError)
    return <ErrorState error={deployment.error} onRetry={() => void deployment.refetch()} />;
  return <DeploymentSkeleton />;
}

function UnknownDeployment({ id }: { id: string }) {
  return (
    <EmptyState
      icon={SearchX}
      title="There is no such deployment"
      action={
        <Link href="/deployments/" className={buttonClass()}>
          All deployments
        </Link>
      }
    >
      {id ? <code className="break-all font-mono text-ink">{id}</code> : "The address names none."}
      {id && " was never accepted by this server, or it was deleted."}
    </EmptyState>
  );
}
