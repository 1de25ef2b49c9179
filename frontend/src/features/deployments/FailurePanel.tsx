import { CircleX, Wrench } from "lucide-react";
import type { Failure } from "@/api/types";
import { Words } from "@/components/Words";
import { capitalise } from "./describe";

/** Why it failed and what to do, in the server's words, before anything else. */
export function FailurePanel({ failure }: { failure: Failure }) {
  return (
    <section
      aria-label="Why it failed"
      className="mt-5 overflow-hidden rounded-lg border border-line border-l-2 border-l-error bg-raised"
    >
      <div className="flex gap-3 bg-error-soft px-4 py-3.5">
        <CircleX aria-hidden className="mt-0.5 size-5 shrink-0 text-error-text" />
        <div className="min-w-0">
          <h2 className="whitespace-pre-line break-words font-semibold text-lg">
            <Words text={failure.message} />
          </h2>
          <p className="mt-1 flex flex-wrap gap-x-3 gap-y-1 text-muted text-xs">
            <span>While {failure.stage}</span>
            <code className="font-mono">{failure.code}</code>
            <span>
              {failure.fault === "user"
                ? "In the project or the request"
                : "In the platform, not in the project"}
            </span>
            {failure.retryable && <span>{capitalise("deploying again can help")}</span>}
          </p>
        </div>
      </div>
      <div className="flex gap-3 border-line border-t px-4 py-3">
        <Wrench aria-hidden className="mt-0.5 size-5 shrink-0 p-0.5 text-muted" />
        <div className="min-w-0">
          <h3 className="font-medium text-muted text-xs">What to do</h3>
          <p className="mt-0.5 whitespace-pre-line break-words">
            <Words text={failure.remedy} />
          </p>
        </div>
      </div>
    </section>
  );
}
