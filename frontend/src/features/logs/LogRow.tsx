import { memo } from "react";
import type { LogLine } from "@/api/types";
import { classes } from "@/components/classes";
import { formatClock } from "@/format/time";
import { parseAnsi } from "./ansi";
import { highlight } from "./highlight";

export interface LogRowProps {
  place: number;
  measure: ((node: Element | null) => void) | undefined;
  line: LogLine;
  /** Whether a phase begins with it. */
  opens: boolean;
  needle: string;
  look: "plain" | "linked" | "match";
  wrap: boolean;
  times: boolean;
}

const STREAMS: Record<LogLine["stream"], string> = {
  system: "text-accent-text",
  git: "text-muted",
  stdout: "",
  stderr: "",
};

const LOOKS = { plain: "", linked: "bg-accent-soft", match: "bg-sunken" };

/** One line: its number (a link to it), when, what. */
export const LogRow = memo(function LogRow({
  place,
  measure,
  line,
  opens,
  needle,
  look,
  wrap,
  times,
}: LogRowProps) {
  return (
    <div
      ref={measure}
      data-index={place}
      className={classes(
        "log-line group relative flex min-h-5 pr-4 hover:bg-sunken",
        !wrap && "h-5",
        LOOKS[look],
      )}
    >
      <a
        href={`#L${line.seq}`}
        aria-label={`Line ${line.seq}`}
        tabIndex={-1}
        className={classes(
          "tabular shrink-0 select-none border-r-2 text-right hover:text-ink",
          wrap ? "w-12 pr-2 sm:w-[4.25rem] sm:pr-3" : "w-[4.25rem] pr-3",
          look === "linked" ? "border-accent text-accent-text" : "border-transparent text-muted",
          line.stream === "stderr" && look !== "linked" && "border-r-warning",
        )}
      >
        {line.seq}
      </a>
      {times && <time className="tabular shrink-0 select-none pl-3 text-muted">{formatClock(line.at)}</time>}
      <span
        className={classes(
          "min-w-0 pl-2 sm:pl-3",
          STREAMS[line.stream],
          wrap ? "whitespace-pre-wrap break-all" : "whitespace-pre",
        )}
      >
        {highlight(parseAnsi(line.text), needle).map((run, at) =>
          run.marked ? (
            <mark
              // biome-ignore lint/suspicious/noArrayIndexKey: runs of a line never move.
              key={at}
              className={classes("rounded-[2px] text-ink", look === "match" ? "bg-mark-current" : "bg-mark")}
            >
              {run.text}
            </mark>
          ) : (
            // biome-ignore lint/suspicious/noArrayIndexKey: runs of a line never move.
            <span key={at} className={run.className} style={run.colour ? { color: run.colour } : undefined}>
              {run.text}
            </span>
          ),
        )}
      </span>
      {opens && !wrap && (
        <span className="pointer-events-none sticky right-0 -mr-4 ml-auto flex select-none items-center self-stretch bg-canvas px-3 text-2xs text-muted">
          {line.phase}
        </span>
      )}
    </div>
  );
});
