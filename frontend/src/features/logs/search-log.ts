import { nextTask } from "@/api/pause";
import type { LogLine } from "@/api/types";
import { plainText } from "./terminal-text";

const SLICE_MS = 8;
/** Lines between two looks at the clock. */
const STRIDE = 512;

/** Places of the lines that have the needle, from `from` on; `onFound` gets them in pieces. `needle` is in lower case. */
export async function searchLog(
  lines: readonly LogLine[],
  needle: string,
  from: number,
  signal: AbortSignal,
): Promise<number[]> {
  const found: number[] = [];
  const end = lines.length;
  let began = performance.now();
  for (let place = from; place < end; place += 1) {
    const text = lines[place]?.text;
    if (text !== undefined && plainText(text).toLowerCase().includes(needle)) found.push(place);
    if (place % STRIDE === 0 && performance.now() - began > SLICE_MS) {
      await nextTask();
      if (signal.aborted) return found;
      began = performance.now();
    }
  }
  return found;
}
