/** The longest task of a page's main thread, from the browser's own trace. */

import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";

interface TraceEvent {
  name: string;
  ph: string;
  ts: number;
  pid: number;
  tid: number;
  dur?: number;
  /** Time on the processor; wall time counts what other programs of the machine take too. */
  tdur?: number;
  args?: { name?: string };
}

export interface LongestTask {
  wallMs: number;
  cpuMs: number;
  /** Tasks over 50 ms, which is what browsers call long. */
  long: number;
}

export async function longestTask(
  browser: Browser,
  page: Page,
  work: () => Promise<void>,
): Promise<LongestTask> {
  const path = join(tmpdir(), `shipstack-trace-${process.pid}-${Date.now()}.json`);
  await browser.startTracing(page, {
    path,
    categories: ["toplevel", "devtools.timeline", "disabled-by-default-devtools.timeline"],
  });
  try {
    await work();
  } finally {
    await browser.stopTracing();
  }
  const { traceEvents } = JSON.parse(readFileSync(path, "utf8")) as { traceEvents: TraceEvent[] };
  rmSync(path);
  // Other renderers are the browser's own pages.
  const origin = new URL(page.url()).origin;
  const ours = new Set(
    traceEvents
      .filter((event) => JSON.stringify(event.args ?? {}).includes(origin))
      .map((event) => event.pid),
  );
  const mains = new Set(
    traceEvents
      .filter((event) => event.name === "thread_name" && event.args?.name === "CrRendererMain")
      .filter((event) => ours.has(event.pid))
      .map(key),
  );
  const tasks = traceEvents.filter(
    (event) => event.name === "RunTask" && event.ph === "X" && mains.has(key(event)),
  );
  if (tasks.length === 0) throw new Error("The trace has no task.");
  if (process.env.TRACE) explain(traceEvents, tasks);
  const ms = (pick: (event: TraceEvent) => number | undefined) =>
    Math.max(...tasks.map((event) => (pick(event) ?? 0) / 1000));
  return {
    wallMs: ms((event) => event.dur),
    cpuMs: ms((event) => event.tdur),
    long: tasks.filter((event) => (event.dur ?? 0) > 50_000).length,
  };
}

/** What the longest task was made of, for whoever wants to shorten it (`TRACE=1`). */
function explain(events: TraceEvent[], tasks: TraceEvent[]): void {
  const cost = (event: TraceEvent) => event.tdur ?? event.dur ?? 0;
  for (const longest of [...tasks].sort((a, b) => cost(b) - cost(a)).slice(0, 3)) {
    const [from, to] = [longest.ts, longest.ts + (longest.dur ?? 0)];
    const inside = events.filter(
      (event) => key(event) === key(longest) && event.ts >= from && event.ts < to && (event.dur ?? 0) > 8_000,
    );
    for (const event of inside)
      console.log(
        event.name,
        Math.round((event.dur ?? 0) / 1000),
        Math.round(cost(event) / 1000),
        JSON.stringify(event.args).slice(0, 160),
      );
    console.log("--");
  }
}

function key(event: TraceEvent): string {
  return `${event.pid}.${event.tid}`;
}
