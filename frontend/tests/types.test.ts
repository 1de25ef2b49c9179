// @vitest-environment node
import { execFileSync } from "node:child_process";
import { expect, it } from "vitest";

it("has types of the API that are not stale", () => {
  const run = () => execFileSync(process.execPath, ["scripts/types.mjs", "--check"], { stdio: "pipe" });
  expect(run).not.toThrow();
}, 30_000);
