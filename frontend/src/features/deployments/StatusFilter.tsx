import { type DeploymentStatus, STATUSES } from "@/api/types";
import { classes } from "@/components/classes";
import { STATUS_LOOKS } from "./status-looks";

export interface StatusFilterProps {
  value: DeploymentStatus | undefined;
  onChange: (status: DeploymentStatus | undefined) => void;
}

/** Which states the list shows. */
export function StatusFilter({ value, onChange }: StatusFilterProps) {
  return (
    <fieldset className="min-w-0 -mx-4 mb-4 overflow-x-auto px-4 py-1 sm:mx-0 sm:px-0">
      <legend className="sr-only">Filter by status</legend>
      <div className="flex w-max gap-1.5">
        {[undefined, ...STATUSES].map((status) => (
          <button
            key={status ?? "all"}
            type="button"
            aria-pressed={value === status}
            onClick={() => onChange(status)}
            className={classes(
              "h-8 rounded-full border px-3 font-medium text-xs transition-colors",
              value === status
                ? "border-accent bg-accent-soft text-accent-text"
                : "border-line text-muted hover:border-line-strong hover:text-ink",
            )}
          >
            {status ? STATUS_LOOKS[status].label : "All"}
          </button>
        ))}
      </div>
    </fieldset>
  );
}
