import { CircleAlert, RotateCw } from "lucide-react";
import { ApiError } from "@/api/errors";
import { Button } from "./Button";

export interface ErrorStateProps {
  error: unknown;
  onRetry?: () => void;
}

/** What happened, what to try, and the id to report it with. */
export function ErrorState({ error, onRetry }: ErrorStateProps) {
  const known = error instanceof ApiError ? error : null;
  return (
    <div
      role="alert"
      className="flex gap-3 rounded-lg border border-line border-l-2 border-l-error bg-raised p-4"
    >
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-error-text" />
      <div className="min-w-0 flex-1">
        <p className="font-semibold text-sm">{known?.title ?? "This page broke"}</p>
        <p className="mt-0.5 text-sm">{known?.message ?? String(error)}</p>
        {known?.remedy && <p className="mt-1 text-muted text-sm">{known.remedy}</p>}
        {known?.requestId && (
          <p className="mt-2 text-muted text-xs">
            Request <code className="break-all font-mono text-ink">{known.requestId}</code>
          </p>
        )}
      </div>
      {onRetry && (
        <Button size="sm" onClick={onRetry}>
          <RotateCw aria-hidden className="size-3.5" /> Try again
        </Button>
      )}
    </div>
  );
}
