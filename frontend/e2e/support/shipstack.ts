/** The real thing: `shipstack up` on free ports and a folder of its own. */

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Program } from "./programs";

const ROOT = new URL("../../../", import.meta.url).pathname;
export const FIXTURES = join(ROOT, "crates/testkit/fixtures");

export const PROGRAM =
  process.env.SHIPSTACK_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(ROOT, "target"), "debug/shipstack");

/** Without the program there is nothing to test; where tests are required that is an error. */
export function programIsThere(): boolean {
  if (existsSync(PROGRAM)) return true;
  if (process.env.SHIPSTACK_TEST_REQUIRE === "1") throw new Error(`${PROGRAM} is not built`);
  console.log(`skipped: ${PROGRAM} is not built`);
  return false;
}

export class Shipstack {
  private constructor(
    readonly api: string,
    private readonly program: Program,
    private readonly data: string,
  ) {}

  static async start(settings: Record<string, string> = {}): Promise<Shipstack> {
    const data = mkdtempSync(join(tmpdir(), "shipstack-e2e-"));
    const environment = {
      SHIPSTACK_DATA_DIR: data,
      SHIPSTACK_API_ADDR: "127.0.0.1:0",
      SHIPSTACK_SERVE_ADDR: "127.0.0.1:0",
      ...registrySettings(),
      ...settings,
    };
    const ready = /ready: API https?:\/\/[^\s:]+:(\d+)/;
    const [program, found] = await Program.start(PROGRAM, ["up"], environment, ready, data);
    return new Shipstack(`http://localhost:${found[1]}`, program, data);
  }

  async stop(): Promise<void> {
    await this.program.stop();
    rmSync(this.data, { recursive: true, force: true });
  }
}

/** Builds use the package registry that this machine's npm is set to. */
function registrySettings(): Record<string, string> {
  const registry = execFileSync("npm", ["config", "get", "registry"], {
    stdio: ["ignore", "pipe", "ignore"],
  });
  const url = new URL(registry.toString().trim());
  if (url.hostname === "registry.npmjs.org") return {};
  return {
    SHIPSTACK_BUILD_REGISTRY: url.href,
    SHIPSTACK_EGRESS_ALLOW_PRIVATE_HOSTS: url.host,
    SHIPSTACK_BUILD_CA_FILE: process.env.SHIPSTACK_BUILD_CA_FILE ?? "/etc/ssl/certs/ca-certificates.crt",
  };
}
