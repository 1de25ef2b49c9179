"use client";

import { ArrowDownToLine } from "lucide-react";
import { Button } from "@/components/Button";
import { classes } from "@/components/classes";
import { LogEmpty } from "./LogEmpty";
import { LogRow } from "./LogRow";
import type { LogStore } from "./log-store";
import type { LogSearch } from "./useLogSearch";
import type { LogWindow } from "./useLogWindow";

export interface LogViewportProps {
  store: LogStore;
  view: LogWindow;
  search: LogSearch;
  linked: number;
  wrap: boolean;
  times: boolean;
  finished: boolean;
}

/** The lines in sight. Focusable, so that arrow and page keys scroll it. */
export function LogViewport({ store, view, search, linked, wrap, times, finished }: LogViewportProps) {
  const { rows, scroller, following, follow, onScroll } = view;
  const shown = rows.getVirtualItems();
  const currentMatch = search.matches[search.current];
  return (
    <div className="relative">
      <section
        ref={scroller}
        onScroll={onScroll}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area has to be reachable by keyboard.
        tabIndex={0}
        aria-label="Log lines"
        className="max-h-[max(24rem,min(44rem,68dvh))] min-h-72 overflow-auto overscroll-contain [overflow-anchor:none] bg-canvas py-2 outline-offset-[-2px]"
      >
        {store.lines.length === 0 && <LogEmpty store={store} finished={finished} />}
        <div className="relative" style={{ height: rows.getTotalSize() }}>
          <div
            className={classes("min-w-full", !wrap && "w-max")}
            style={{ transform: `translateY(${shown[0]?.start ?? 0}px)` }}
          >
            {shown.map((row) => {
              const line = store.lines[row.index];
              if (!line) return null;
              return (
                <LogRow
                  key={row.key}
                  place={row.index}
                  measure={wrap ? rows.measureElement : undefined}
                  line={line}
                  opens={store.lines[row.index - 1]?.phase !== line.phase}
                  needle={search.needle}
                  look={row.index === currentMatch ? "match" : line.seq === linked ? "linked" : "plain"}
                  wrap={wrap}
                  times={times}
                />
              );
            })}
          </div>
        </div>
      </section>
      {!following && store.state !== "ended" && (
        <Button look="primary" size="sm" onClick={follow} className="absolute right-4 bottom-4 shadow-lg">
          <ArrowDownToLine aria-hidden className="size-3.5" /> Follow
        </Button>
      )}
    </div>
  );
}
