"use client";

import type { BuildAttempt, Deployment } from "@/api/types";
import { Panel } from "@/components/Panel";
import { RelativeTime } from "@/features/live/RelativeTime";
import { useBuilds } from "./queries";

/** Who tried to build it, when it took more than one. */
export function AttemptsPanel({ deployment }: { deployment: Deployment }) {
  const { data } = useBuilds(deployment.id);
  const attempts = data?.attempts ?? [];
  if (attempts.length < 2) return null;
  return (
    <Panel title="Attempts" aside={<span className="tabular text-muted text-xs">{attempts.length}</span>}>
      <ol className="flex flex-col gap-3">
        {attempts.map((attempt, place) => (
          <li key={attempt.claim} className="text-xs">
            <p className="flex items-baseline justify-between gap-3">
              <span className="font-medium text-sm">
                Attempt {attempt.attempt}
                {attempts[place + 1] && (
                  <span className="font-normal text-muted">, {endOf(attempt, attempts[place + 1])}</span>
                )}
              </span>
              <span className="text-muted">
                <RelativeTime at={attempt.startedAt} />
              </span>
            </p>
            <code className="break-all font-mono text-muted">{attempt.worker}</code>
          </li>
        ))}
      </ol>
    </Panel>
  );
}

/** One that has a successor came to no result; a number that is used again was handed back unspent. */
function endOf(attempt: BuildAttempt, next: BuildAttempt | undefined): string {
  return next?.attempt === attempt.attempt ? "handed back" : "no result";
}
