"use client";

import Link from "next/link";
import { ErrorState } from "@/components/ErrorState";
import { Panel } from "@/components/Panel";
import { Command } from "@/features/deployments/Command";
import { DeploymentRows } from "@/features/deployments/DeploymentRows";
import { ListSkeleton } from "@/features/deployments/ListSkeleton";
import { useDeploymentPages } from "@/features/deployments/queries";

const SHOWN = 5;

export function RecentDeployments() {
  const pages = useDeploymentPages(undefined, SHOWN);
  const deployments = pages.data?.pages[0]?.items ?? [];
  if (pages.isError && deployments.length === 0) {
    return <ErrorState error={pages.error} onRetry={() => void pages.refetch()} />;
  }
  return (
    <Panel
      title="Recent deployments"
      flush
      aside={
        <Link href="/deployments/" className="rounded text-muted text-sm hover:text-ink">
          All
        </Link>
      }
    >
      {pages.isPending ? (
        <ListSkeleton rows={3} />
      ) : deployments.length === 0 ? (
        <div className="p-5 text-muted text-sm">
          <p className="mb-3">Your deployments appear here. The command line does the same as this page:</p>
          <Command>shipstack deploy . --follow</Command>
        </div>
      ) : (
        <DeploymentRows deployments={deployments} />
      )}
    </Panel>
  );
}
