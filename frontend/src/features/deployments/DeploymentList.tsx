"use client";

import { Plus } from "lucide-react";
import Link from "next/link";
import { useState } from "react";
import type { DeploymentStatus } from "@/api/types";
import { Button, buttonClass } from "@/components/Button";
import { ErrorState } from "@/components/ErrorState";
import { PageHeader } from "@/components/PageHeader";
import { DeploymentRows } from "./DeploymentRows";
import { ListEmpty } from "./ListEmpty";
import { ListSkeleton } from "./ListSkeleton";
import { useDeploymentPages } from "./queries";
import { StatusFilter } from "./StatusFilter";
import { useFilledPage } from "./useFilledPage";

/** Every deployment, newest first. */
export function DeploymentList() {
  const [status, setStatus] = useState<DeploymentStatus>();
  const pages = useDeploymentPages(status);
  const deployments = pages.data?.pages.flatMap((page) => page.items) ?? [];
  const looking = useFilledPage(pages, deployments.length);
  return (
    <>
      <PageHeader
        title="Deployments"
        actions={
          <Link href="/" className={buttonClass("primary")}>
            <Plus aria-hidden className="size-4" /> Deploy
          </Link>
        }
      />
      <StatusFilter value={status} onChange={setStatus} />
      {pages.isError && <ErrorState error={pages.error} onRetry={() => void pages.refetch()} />}
      {!(pages.isError && deployments.length === 0) && (
        <div className="overflow-hidden rounded-lg border border-line bg-raised">
          {looking ? (
            <ListSkeleton />
          ) : deployments.length === 0 ? (
            <ListEmpty status={status} onReset={() => setStatus(undefined)} />
          ) : (
            <DeploymentRows deployments={deployments} />
          )}
        </div>
      )}
      {pages.hasNextPage && !looking && (
        <div className="mt-4 flex justify-center">
          <Button onClick={() => void pages.fetchNextPage()} disabled={pages.isFetchingNextPage}>
            {pages.isFetchingNextPage ? "Loading…" : "Show older"}
          </Button>
        </div>
      )}
    </>
  );
}
