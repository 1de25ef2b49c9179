import { defineConfig } from "vitest/config";

/** Browser tests: one after the other, on the export that `npm run build` made. */
export default defineConfig({
  root: new URL("..", import.meta.url).pathname,
  test: {
    include: ["e2e/**/*.e2e.ts"],
    // Only so that a test that hangs ends: real builds install from a registry that may be slow.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    fileParallelism: false,
    sequence: { concurrent: false },
  },
});
