import { CircleCheck, CircleX } from "lucide-react";
import type { Check } from "@/api/types";

/** What has to work, whether it does, and what would help. */
export function CheckList({ checks }: { checks: readonly Check[] }) {
  return (
    <ul className="flex flex-col gap-3">
      {checks.map(({ name, ok, detail, remedy }) => {
        const Icon = ok ? CircleCheck : CircleX;
        return (
          <li key={`${name} ${detail}`} className="flex gap-2.5 text-sm">
            <Icon
              aria-hidden
              className={`mt-0.5 size-4 shrink-0 ${ok ? "text-success-text" : "text-error-text"}`}
            />
            <div className="min-w-0">
              <p className="break-words">
                <span className="font-medium">{name}</span>
                <span className="sr-only">{ok ? " works: " : " does not work: "}</span>{" "}
                <span className="text-muted">{detail}</span>
              </p>
              {!ok && remedy && <p className="mt-0.5 break-words text-sm">{remedy}</p>}
            </div>
          </li>
        );
      })}
    </ul>
  );
}
