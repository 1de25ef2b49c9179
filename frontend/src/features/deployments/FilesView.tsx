"use client";

import { FolderOpen } from "lucide-react";
import type { Deployment } from "@/api/types";
import { EmptyState } from "@/components/EmptyState";
import { ErrorState } from "@/components/ErrorState";
import { Skeleton } from "@/components/Skeleton";
import { FileTable } from "./FileTable";
import { useFiles } from "./queries";

/** What the site is made of. */
export function FilesView({ deployment }: { deployment: Deployment }) {
  if (deployment.status !== "deployed") {
    return (
      <div className="rounded-lg border border-line bg-raised">
        <EmptyState icon={FolderOpen} title="Nothing is published">
          The files appear when the deployment is deployed.
        </EmptyState>
      </div>
    );
  }
  return <PublishedFiles id={deployment.id} />;
}

function PublishedFiles({ id }: { id: string }) {
  const files = useFiles(id);
  if (files.isError) return <ErrorState error={files.error} onRetry={() => void files.refetch()} />;
  if (files.isPending) return <Skeleton className="h-48 rounded-lg" />;
  return <FileTable id={id} entries={files.data.entries} />;
}
