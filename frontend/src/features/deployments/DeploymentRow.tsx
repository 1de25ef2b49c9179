"use client";

import { ExternalLink, GitBranch, GitCommitHorizontal } from "lucide-react";
import Link from "next/link";
import { siteUrl } from "@/api/base";
import type { Deployment } from "@/api/types";
import { RelativeTime } from "@/features/live/RelativeTime";
import { outcome, pageHref, shortCommit, sourceRef, sourceTitle } from "./describe";
import { ElapsedTime } from "./ElapsedTime";
import { StatusBadge } from "./StatusBadge";

/** One line of the list. The whole line leads to the deployment; the arrow at its end opens the site. */
export function DeploymentRow({ deployment }: { deployment: Deployment }) {
  const { id, source, status, phase, queuePosition } = deployment;
  const [ref, commit] = [sourceRef(source), shortCommit(source)];
  const doing = queuePosition ? `#${queuePosition} in the queue` : phase;
  return (
    <li className="relative grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 px-4 py-3 transition-colors hover:bg-sunken @lg:grid-cols-[8.5rem_minmax(0,1fr)_auto_2rem] @4xl:grid-cols-[8.5rem_minmax(0,5fr)_minmax(0,4fr)_6rem_2rem]">
      <div className="order-2 self-start justify-self-end @lg:order-none @lg:justify-self-start @lg:self-center">
        <StatusBadge status={status} />
        {doing && <p className="hidden pl-5.5 text-muted text-xs @lg:block">{doing}</p>}
      </div>
      <div className="min-w-0">
        <Link
          href={pageHref(id)}
          className="block truncate font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:rounded-md focus-visible:after:outline-2 focus-visible:after:outline-accent-text focus-visible:after:outline-offset-[-2px]"
        >
          {sourceTitle(source)}
        </Link>
        <p className="mt-0.5 flex min-w-0 flex-wrap items-center gap-x-3 gap-y-0.5 text-muted text-xs">
          <span className="font-mono">{id}</span>
          {ref && (
            <span className="inline-flex min-w-0 items-center gap-1">
              <GitBranch aria-hidden className="size-3 shrink-0" />
              <span className="truncate">{ref}</span>
            </span>
          )}
          {commit && (
            <span className="inline-flex items-center gap-1 font-mono">
              <GitCommitHorizontal aria-hidden className="size-3" />
              {commit}
            </span>
          )}
        </p>
      </div>
      <p className="hidden truncate text-muted text-sm @4xl:block" title={outcome(deployment)}>
        {outcome(deployment)}
      </p>
      <div className="order-3 col-span-2 flex gap-2 text-muted text-xs @lg:order-none @lg:col-span-1 @lg:block @lg:text-right">
        <p>
          <RelativeTime at={deployment.createdAt} />
        </p>
        <p className="@lg:mt-0.5">
          <ElapsedTime deployment={deployment} />
        </p>
      </div>
      <div className="hidden @lg:block">
        {status === "deployed" && <SiteLink url={siteUrl(deployment)} />}
      </div>
    </li>
  );
}

function SiteLink({ url }: { url: string }) {
  return (
    <a
      href={url}
      target="_blank"
      rel="noreferrer"
      title="Open the site"
      className="relative z-10 inline-flex size-8 items-center justify-center rounded-md text-muted hover:bg-raised hover:text-ink"
    >
      <ExternalLink aria-hidden className="size-4" />
      <span className="sr-only">Open the site</span>
    </a>
  );
}
