/** Projects that tests deploy: the examples that people are shown, and testkit's difficult ones. */

import { existsSync } from "node:fs";
import { join } from "node:path";

export const ROOT = new URL("../../../", import.meta.url).pathname;

export function fixture(name: string): string {
  const example = join(ROOT, "deploy/examples", name);
  return existsSync(example) ? example : join(ROOT, "crates/testkit/fixtures", name);
}
