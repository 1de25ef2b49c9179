// @vitest-environment node
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { expect, it } from "vitest";

const SRC = new URL("../src", import.meta.url).pathname;

const files = (readdirSync(SRC, { recursive: true }) as string[])
  .filter((path) => /\.tsx?$/.test(path) && !path.endsWith("schema.d.ts"))
  .map((path) => ({ path: relative(SRC, join(SRC, path)), text: readFileSync(join(SRC, path), "utf8") }));

const naming = (pattern: RegExp) => files.filter(({ text }) => pattern.test(text)).map(({ path }) => path);

it("has one module that calls the network", () => {
  expect(naming(/\bfetch\(|new XMLHttpRequest|new EventSource|new WebSocket/)).toEqual(["api/transport.ts"]);
});

it("makes markup of no text but its own constant", () => {
  expect(naming(/dangerouslySetInnerHTML|innerHTML/)).toEqual(["app/layout.tsx"]);
});

it("keeps components under 100 lines, hooks under 60 and pages under 50", () => {
  const limit = (path: string) => {
    if (path.startsWith("app/")) return 50;
    if (/\/use[A-Z]\w*\.ts$/.test(path)) return 60;
    return path.endsWith(".tsx") ? 100 : 170;
  };
  const long = files.filter(({ path, text }) => text.split("\n").length - 1 > limit(path));
  expect(long.map(({ path }) => path)).toEqual([]);
});

it("goes to app/ for routes only", () => {
  const inApp = files.map(({ path }) => path).filter((path) => path.startsWith("app/"));
  expect(inApp.filter((path) => !/(page|layout|not-found)\.tsx$/.test(path))).toEqual([]);
});
