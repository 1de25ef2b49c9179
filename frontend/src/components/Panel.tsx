import type { ReactNode } from "react";
import { classes } from "./classes";

export interface PanelProps {
  title?: string;
  aside?: ReactNode;
  children: ReactNode;
  className?: string;
  flush?: boolean;
}

/** A bordered area with a heading. */
export function Panel({ title, aside, children, className, flush = false }: PanelProps) {
  return (
    <section
      className={classes("overflow-hidden rounded-lg border border-line bg-raised", className)}
      aria-label={title}
    >
      {title && (
        <header className="flex min-h-11 items-center justify-between gap-3 border-line border-b px-4 py-2">
          <h2 className="font-semibold text-sm">{title}</h2>
          {aside}
        </header>
      )}
      <div className={flush ? undefined : "p-4"}>{children}</div>
    </section>
  );
}
