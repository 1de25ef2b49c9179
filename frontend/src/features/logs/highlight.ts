import type { TextRun } from "./ansi";

export interface MarkedRun extends TextRun {
  marked: boolean;
}

/** Splits runs where the needle begins and ends, over run borders too. `needle` is in lower case. */
export function highlight(runs: readonly TextRun[], needle: string): MarkedRun[] {
  if (needle === "") return runs.map((run) => ({ ...run, marked: false }));
  const ranges = occurrences(
    runs
      .map((run) => run.text)
      .join("")
      .toLowerCase(),
    needle,
  );
  const marked: MarkedRun[] = [];
  let start = 0;
  for (const run of runs) {
    for (const piece of cut(run.text, start, ranges)) marked.push({ ...run, ...piece });
    start += run.text.length;
  }
  return marked;
}

function occurrences(text: string, needle: string): [number, number][] {
  const ranges: [number, number][] = [];
  for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + needle.length)) {
    ranges.push([at, at + needle.length]);
  }
  return ranges;
}

function cut(
  text: string,
  start: number,
  ranges: readonly [number, number][],
): { text: string; marked: boolean }[] {
  const pieces: { text: string; marked: boolean }[] = [];
  let done = 0;
  for (const [from, to] of ranges) {
    const [a, b] = [Math.max(from - start, done), Math.min(to - start, text.length)];
    if (a >= b) continue;
    if (a > done) pieces.push({ text: text.slice(done, a), marked: false });
    pieces.push({ text: text.slice(a, b), marked: true });
    done = b;
  }
  if (done < text.length) pieces.push({ text: text.slice(done), marked: false });
  return pieces;
}
