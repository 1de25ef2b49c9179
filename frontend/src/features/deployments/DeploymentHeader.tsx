"use client";

import { ChevronRight } from "lucide-react";
import Link from "next/link";
import { useEffect } from "react";
import type { Deployment } from "@/api/types";
import { CopyButton } from "@/components/CopyButton";
import { RelativeTime } from "@/features/live/RelativeTime";
import { formatDuration } from "@/format/duration";
import { DeploymentActions } from "./DeploymentActions";
import { sourceTitle } from "./describe";
import { ElapsedTime } from "./ElapsedTime";
import { StatusBadge } from "./StatusBadge";
import { STATUS_LOOKS } from "./status-looks";

/** What it is, how it stands, what can be done. */
export function DeploymentHeader({ deployment }: { deployment: Deployment }) {
  const { id, status, queuePosition, estimatedWaitMs, attempt } = deployment;
  const title = sourceTitle(deployment.source);
  useEffect(() => {
    document.title = `${STATUS_LOOKS[status].label}: ${title} · shipstack`;
  }, [status, title]);
  return (
    <header>
      <nav aria-label="Breadcrumb" className="flex items-center gap-1 text-muted text-sm">
        <Link href="/deployments/" className="rounded hover:text-ink">
          Deployments
        </Link>
        <ChevronRight aria-hidden className="size-3.5" />
        <span aria-current="page" className="truncate font-mono text-xs">
          {id}
        </span>
        <CopyButton text={id} label="Copy id" className="-my-2" />
      </nav>
      <div className="mt-2 flex flex-wrap items-start justify-between gap-x-6 gap-y-4">
        <div className="min-w-0">
          <h1 className="break-words font-semibold text-2xl tracking-tight">{title}</h1>
          <p className="mt-1.5 flex flex-wrap items-center gap-x-3 gap-y-1 text-muted text-sm">
            <StatusBadge status={status} />
            {queuePosition ? (
              <span className="tabular">
                #{queuePosition} in the queue
                {estimatedWaitMs ? `, about ${formatDuration(estimatedWaitMs)} to wait` : null}
              </span>
            ) : null}
            {attempt > 1 && <span className="tabular">Attempt {attempt}</span>}
            <ElapsedTime deployment={deployment} />
            <RelativeTime at={deployment.createdAt} />
          </p>
        </div>
        <DeploymentActions deployment={deployment} />
      </div>
    </header>
  );
}
