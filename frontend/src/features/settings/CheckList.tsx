import { CircleAlert, CircleCheck, CircleX } from "lucide-react";
import type { Check } from "@/api/types";

/** A remedy beside something that works is advice, as in `shipstack doctor`. */
const LOOKS = {
  ok: { Icon: CircleCheck, colour: "text-success-text", says: " works: " },
  advice: { Icon: CircleAlert, colour: "text-warning-text", says: " works and could be better: " },
  broken: { Icon: CircleX, colour: "text-error-text", says: " does not work: " },
};

/** What has to work, whether it does, and what would help. */
export function CheckList({ checks }: { checks: readonly Check[] }) {
  return (
    <ul className="flex flex-col gap-3">
      {checks.map(({ name, ok, detail, remedy }) => {
        const { Icon, colour, says } = LOOKS[ok ? (remedy ? "advice" : "ok") : "broken"];
        return (
          <li key={`${name} ${detail}`} className="flex gap-2.5 text-sm">
            <Icon aria-hidden className={`mt-0.5 size-4 shrink-0 ${colour}`} />
            <div className="min-w-0">
              <p className="break-words">
                <span className="font-medium">{name}</span>
                <span className="sr-only">{says}</span> <span className="text-muted">{detail}</span>
              </p>
              {remedy && <p className="mt-0.5 break-words text-sm">{remedy}</p>}
            </div>
          </li>
        );
      })}
    </ul>
  );
}
