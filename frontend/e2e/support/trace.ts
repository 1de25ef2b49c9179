/** The longest task of a page's main thread, from the browser's own trace. */

import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";

interface TraceEvent {
  name: string;
  ph: string;
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
  const mains = new Set(
    traceEvents
      .filter((event) => event.name === "thread_name" && event.args?.name === "CrRendererMain")
      .map(key),
  );
  const tasks = traceEvents.filter(
    (event) => event.name === "RunTask" && event.ph === "X" && mains.has(key(event)),
  );
  if (tasks.length === 0) throw new Error("The trace has no task.");
  const ms = (pick: (event: TraceEvent) => number | undefined) =>
    Math.max(...tasks.map((event) => (pick(event) ?? 0) / 1000));
  return {
    wallMs: ms((event) => event.dur),
    cpuMs: ms((event) => event.tdur),
    long: tasks.filter((event) => (event.dur ?? 0) > 50_000).length,
  };
}

function key(event: TraceEvent): string {
  return `${event.pid}.${event.tid}`;
}
