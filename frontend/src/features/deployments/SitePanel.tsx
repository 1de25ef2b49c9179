"use client";

import { ExternalLink } from "lucide-react";
import dynamic from "next/dynamic";
import { siteUrl } from "@/api/base";
import type { Deployment } from "@/api/types";
import { BreakablePath } from "@/components/BreakablePath";
import { CopyButton } from "@/components/CopyButton";
import { Panel } from "@/components/Panel";
import { Skeleton } from "@/components/Skeleton";
import { formatBytes } from "@/format/bytes";

const QrCode = dynamic(() => import("@/components/QrCode").then((module) => module.QrCode), {
  ssr: false,
  loading: () => <Skeleton className="size-24 shrink-0 rounded-md" />,
});

/** Every machine calls itself so: on a phone the address would lead to the phone. */
function isOfThisMachine(url: string): boolean {
  return /(^|\.)localhost$/.test(new URL(url, location.href).hostname);
}

/** Where the site is: as a link, and as a code for a phone. */
export function SitePanel({ deployment }: { deployment: Deployment }) {
  const url = siteUrl(deployment);
  const here = isOfThisMachine(url);
  const { files, bytes } = deployment;
  return (
    <Panel title="Site" aside={<CopyButton text={url} label="Copy address" className="-my-1" />}>
      <div className="flex items-start gap-4">
        {!here && <QrCode text={url} label="The site's address as a QR code" />}
        <div className="min-w-0">
          <a
            href={url}
            target="_blank"
            rel="noreferrer"
            className="font-medium [overflow-wrap:anywhere] text-accent-text text-sm hover:underline"
          >
            <BreakablePath text={url.replace(/^https?:\/\//, "").replace(/\/$/, "")} />
            <ExternalLink aria-hidden className="mb-0.5 ml-1 inline size-3.5" />
          </a>
          {here && (
            <p className="mt-1.5 text-muted text-xs">
              It opens on this machine only: a phone or another computer cannot reach a name that ends in
              localhost.
            </p>
          )}
          {typeof files === "number" && typeof bytes === "number" && (
            <p className="tabular mt-1.5 text-muted text-xs">
              {files} {files === 1 ? "file" : "files"}, {formatBytes(bytes)}
            </p>
          )}
        </div>
      </div>
    </Panel>
  );
}
