import { TriangleAlert } from "lucide-react";
import Link from "next/link";
import type { Deployment } from "@/api/types";
import { BreakablePath } from "@/components/BreakablePath";
import { Facts } from "@/components/Facts";
import { Panel } from "@/components/Panel";
import { formatBytes } from "@/format/bytes";
import { formatAbsolute } from "@/format/time";
import { pageHref, uploadKind } from "./describe";

const LINK = "break-words [overflow-wrap:anywhere] text-accent-text hover:underline";

/** What was built, and where it came from. */
export function SourcePanel({ deployment }: { deployment: Deployment }) {
  const { source, parent, createdAt, endedAt } = deployment;
  const git = source.kind === "git" ? source : null;
  const facts = [
    {
      name: "Repository",
      value: git && (
        <a href={git.url} target="_blank" rel="noreferrer" className={LINK}>
          <BreakablePath text={git.url.replace(/^https?:\/\/(www\.)?/, "").replace(/\.git$/, "")} />
        </a>
      ),
    },
    { name: "Upload", value: source.kind === "archive" && uploadKind(source.prebuilt) },
    { name: "Ref", value: git?.ref },
    {
      name: "Commit",
      value: source.commit && <code className="font-mono text-xs">{source.commit.slice(0, 12)}</code>,
    },
    {
      name: "Size",
      value: typeof source.bytes === "number" && `${formatBytes(source.bytes)}, ${source.files ?? "?"} files`,
    },
    {
      name: "Redeploy of",
      value: parent && (
        <Link href={pageHref(parent)} className={`${LINK} font-mono text-xs`}>
          {parent}
        </Link>
      ),
    },
    { name: "Accepted", value: formatAbsolute(createdAt) },
    { name: "Ended", value: endedAt && formatAbsolute(endedAt) },
  ].map(({ name, value }) => ({ name, value: value || null }));
  return (
    <Panel title="Source">
      <Facts facts={facts} />
      {source.warnings?.map((warning) => (
        <p key={warning} className="mt-3 flex gap-2 text-warning-text text-xs">
          <TriangleAlert aria-hidden className="size-4 shrink-0" /> {warning}
        </p>
      ))}
    </Panel>
  );
}
