import { describe, expect, it } from "vitest";
import type { LogLine } from "@/api/types";
import { parseAnsi } from "@/features/logs/ansi";
import { highlight } from "@/features/logs/highlight";
import { LogStore } from "@/features/logs/log-store";
import { searchLog } from "@/features/logs/search-log";
import { plainText, visibleText } from "@/features/logs/terminal-text";
import { lineOfHash } from "@/features/logs/useLineHash";

const ESC = "\u001b";

function line(seq: number, text = `line ${seq}`): LogLine {
  return { seq, at: "2026-11-21T21:37:02.331Z", stream: "stdout", phase: "building", attempt: 1, text };
}

describe("the text of a line", () => {
  it("keeps the last state of a progress bar", () => {
    expect(visibleText("10%\r50%\r100% done")).toBe("100% done");
    expect(visibleText("100% done\r")).toBe("100% done");
    expect(visibleText("abc\b\bx")).toBe("ax");
  });

  it("keeps colours and drops everything else that a terminal would act on", () => {
    expect(visibleText(`${ESC}[2K${ESC}[1G${ESC}[32mok${ESC}[39m`)).toBe(`${ESC}[32mok${ESC}[39m`);
    expect(visibleText(`${ESC}]8;;https://evil.example\u0007text${ESC}]8;;\u0007`)).toBe("text");
    expect(plainText(`${ESC}[1;31mfailed${ESC}[0m here`)).toBe("failed here");
  });

  it("says how much of a very long line it does not lay out", () => {
    expect(visibleText("x".repeat(7_000))).toMatch(/… 1000 more characters$/);
  });

  it("is never markup", () => {
    const runs = parseAnsi(`${ESC}[31m<img src=x onerror=alert(1)>${ESC}[39m &amp;`);
    expect(runs.map((run) => run.text).join("")).toBe("<img src=x onerror=alert(1)> &amp;");
    expect(runs[0]?.className).toContain("--ansi-red");
  });

  it("is marked where it matches, over the borders of colours too", () => {
    const runs = highlight(parseAnsi(`a${ESC}[31mBC${ESC}[39md bcd`), "bcd");
    expect(runs.filter((run) => run.marked).map((run) => run.text)).toEqual(["BC", "d", "bcd"]);
    expect(runs.map((run) => run.text).join("")).toBe("aBCd bcd");
  });
});

describe("the store", () => {
  it("has each line once, in order, wherever a source begins again", () => {
    const store = new LogStore();
    store.append([line(1), line(2), line(3)]);
    store.append([line(2), line(3), line(4)]);
    expect(store.lines.map((each) => each.seq)).toEqual([1, 2, 3, 4]);
    expect(store.next).toBe(5);
  });

  it("finds a line by its number", () => {
    const store = new LogStore();
    store.append([line(7), line(8), line(12)]);
    expect([store.indexOf(8), store.indexOf(12), store.indexOf(9)]).toEqual([1, 2, -1]);
  });
});

it("finds the last but one of 100,000 lines", async () => {
  const lines = Array.from({ length: 100_000 }, (_, place) => line(place + 1));
  expect(await searchLog(lines, "line 99999", 0, new AbortController().signal)).toEqual([99_998]);
});

it("reads the line of an address", () => {
  expect([lineOfHash("#L123"), lineOfHash("#L12x"), lineOfHash("")]).toEqual([123, 0, 0]);
});
