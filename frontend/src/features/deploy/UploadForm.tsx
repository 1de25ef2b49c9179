"use client";

import { FileArchive, Folder, X } from "lucide-react";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/Button";
import { ErrorState } from "@/components/ErrorState";
import { IconButton } from "@/components/IconButton";
import { BuildOptionsFields } from "./BuildOptionsFields";
import type { Picked } from "./dropped-files";
import { FormField } from "./FormField";
import { fieldOf } from "./field-errors";
import { PickedSummary } from "./PickedSummary";
import { UploadStatus } from "./UploadStatus";
import { useUpload } from "./useUpload";

/** Deploys what was dropped or chosen. */
export function UploadForm({ picked, onRemove }: { picked: Picked; onRemove: () => void }) {
  const [prebuilt, setPrebuilt] = useState(false);
  const { form, submission, submit, progress, stop } = useUpload(picked, prebuilt);
  const { error, isPending, isSuccess } = submission;
  const stopped = error instanceof DOMException && error.name === "AbortError";
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    submit();
  };
  const Icon = picked.kind === "folder" ? Folder : FileArchive;
  return (
    <form onSubmit={onSubmit} aria-label="Deploy a folder" className="flex flex-col gap-5">
      <div className="flex items-center gap-3 rounded-md border border-line bg-canvas p-3">
        <Icon aria-hidden className="size-5 shrink-0 text-accent-text" />
        <div className="min-w-0 flex-1">
          <p className="truncate font-medium">{picked.name}</p>
          <PickedSummary picked={picked} prebuilt={prebuilt} />
        </div>
        <IconButton label="Remove" onClick={onRemove} disabled={isPending}>
          <X aria-hidden className="size-4" />
        </IconButton>
      </div>
      <label className="flex items-start gap-2.5 text-sm">
        <input
          type="checkbox"
          checked={prebuilt}
          onChange={(event) => setPrebuilt(event.target.checked)}
          className="mt-0.5 size-4 accent-accent-solid"
        />
        <span>
          Publish as it is, without a build
          <span className="block text-muted text-xs">
            For a folder that is the finished site already, such as dist.
          </span>
        </span>
      </label>
      {!prebuilt && (
        <>
          <FormField
            form={form}
            name="directory"
            label="Directory"
            placeholder="The root of the folder"
            mono
          />
          <BuildOptionsFields form={form} />
        </>
      )}
      {error && !stopped && !fieldOf(error) && <ErrorState error={error} />}
      {progress ? (
        <UploadStatus progress={progress} onStop={stop} />
      ) : (
        <Button
          type="submit"
          look="primary"
          size="lg"
          disabled={isPending || isSuccess}
          className="self-start"
        >
          {isPending || isSuccess ? "Deploying…" : "Deploy"}
        </Button>
      )}
    </form>
  );
}
