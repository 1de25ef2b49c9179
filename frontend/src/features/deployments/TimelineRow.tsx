import { classes } from "@/components/classes";
import { formatDuration } from "@/format/duration";
import { capitalise } from "./describe";
import type { Span } from "./timeline-spans";

export interface TimelineRowProps {
  span: Span;
  totalMs: number;
  failed: boolean;
}

/** One phase: its name, where it lies in the whole, how long it took. */
export function TimelineRow({ span, totalMs, failed }: TimelineRowProps) {
  const percent = (ms: number) => `${(ms / totalMs) * 100}%`;
  const tone = failed ? "bg-error" : span.running ? "bg-warning" : "bg-accent";
  return (
    <li
      aria-current={span.running ? "step" : undefined}
      className="grid grid-cols-[5.75rem_minmax(0,1fr)_3.5rem] items-center gap-2 text-xs"
    >
      <span
        className={classes(
          failed ? "font-medium text-error-text" : span.running ? "font-medium text-ink" : "text-muted",
        )}
      >
        {capitalise(span.phase)}
        {failed && <span className="sr-only"> (failed)</span>}
      </span>
      <span aria-hidden className="relative h-1.5 rounded-full bg-sunken">
        <span
          className={classes("absolute inset-y-0 min-w-1 rounded-full", tone)}
          style={{ left: `min(${percent(span.offsetMs)}, calc(100% - 4px))`, width: percent(span.lengthMs) }}
        />
      </span>
      <span className={classes("tabular text-right", span.running ? "text-ink" : "text-muted")}>
        {formatDuration(span.lengthMs)}
      </span>
    </li>
  );
}
