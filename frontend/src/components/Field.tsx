import { CircleAlert } from "lucide-react";
import type { ReactNode } from "react";

export interface FieldProps {
  id: string;
  label: string;
  hint?: ReactNode;
  error?: string | undefined;
  remedy?: string | undefined;
  optional?: boolean;
  children: ReactNode;
}

/** A control with its name, what it is for, and what is wrong with it. */
export function Field({ id, label, hint, error, remedy, optional, children }: FieldProps) {
  return (
    <div className="flex min-w-0 flex-col gap-1.5">
      <label htmlFor={id} className="flex items-baseline justify-between gap-3 font-medium text-sm">
        {label}
        {optional && <span className="font-normal text-muted text-xs">Optional</span>}
      </label>
      {children}
      {error ? (
        <p id={`${id}-note`} className="flex gap-1.5 text-error-text text-sm">
          <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0" />
          <span>
            {error} {remedy && <span className="text-muted">{remedy}</span>}
          </span>
        </p>
      ) : (
        hint && (
          <p id={`${id}-note`} className="text-muted text-xs">
            {hint}
          </p>
        )
      )}
    </div>
  );
}
