import type { DeploymentStatus } from "@/api/types";
import { classes } from "@/components/classes";
import { STATUS_LOOKS } from "./status-looks";

/** The state of a deployment. */
export function StatusBadge({ status, className }: { status: DeploymentStatus; className?: string }) {
  const { label, icon: Icon, text, turns } = STATUS_LOOKS[status];
  return (
    <span
      className={classes(
        "inline-flex items-center gap-1.5 whitespace-nowrap font-medium text-sm",
        text,
        className,
      )}
    >
      <Icon
        aria-hidden
        className={classes("size-4 shrink-0", turns && "animate-spin motion-reduce:animate-none")}
      />
      {label}
    </span>
  );
}
