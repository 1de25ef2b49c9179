"use client";

import { CircleStop, ExternalLink, RotateCcw, Trash2 } from "lucide-react";
import { useState } from "react";
import { siteUrl } from "@/api/base";
import { type Deployment, isTerminal } from "@/api/types";
import { Button, buttonClass } from "@/components/Button";
import { ConfirmDialog } from "@/components/ConfirmDialog";
import { ErrorState } from "@/components/ErrorState";
import { useActions } from "./useActions";

/** What can be done with a deployment in its state. */
export function DeploymentActions({ deployment }: { deployment: Deployment }) {
  const [asking, setAsking] = useState(false);
  const { cancel, again, remove } = useActions(deployment.id);
  const finished = isTerminal(deployment.status);
  const error = cancel.error ?? again.error ?? remove.error;
  return (
    <div className="flex max-w-full flex-col gap-3 sm:items-end">
      <div className="flex flex-wrap gap-2 max-sm:*:px-3">
        {!finished && (
          <Button onClick={() => cancel.mutate()} disabled={cancel.isPending}>
            <CircleStop aria-hidden className="size-4" /> {cancel.isPending ? "Cancelling…" : "Cancel"}
          </Button>
        )}
        {finished && (
          <Button look="danger" onClick={() => setAsking(true)} disabled={remove.isPending}>
            <Trash2 aria-hidden className="size-4" /> Delete
          </Button>
        )}
        {finished && (
          <Button onClick={() => again.mutate()} disabled={again.isPending}>
            <RotateCcw aria-hidden className="size-4" /> {again.isPending ? "Redeploying…" : "Redeploy"}
          </Button>
        )}
        {deployment.status === "deployed" && (
          <a href={siteUrl(deployment)} target="_blank" rel="noreferrer" className={buttonClass("primary")}>
            <ExternalLink aria-hidden className="size-4" /> Open site
          </a>
        )}
      </div>
      {error && <ErrorState error={error} />}
      <ConfirmDialog
        open={asking}
        title="Delete this deployment?"
        confirm="Delete"
        onClose={() => setAsking(false)}
        onConfirm={() => {
          setAsking(false);
          remove.mutate();
        }}
      >
        Its site stops answering, and its source, files and log are removed. This cannot be undone.
      </ConfirmDialog>
    </div>
  );
}
