/** The real thing: `shipstack up` on free ports and a folder of its own. */

import { execFileSync } from "node:child_process";
import { lookup } from "node:dns/promises";
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
      ...(await registrySettings()),
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

/** Where the package registry resolves to an address that is not public, builds have to be let through to it. */
async function registrySettings(): Promise<Record<string, string>> {
  const answer = execFileSync("npm", ["config", "get", "registry"], { stdio: ["ignore", "pipe", "ignore"] });
  const registry = new URL(answer.toString().trim());
  const { address } = await lookup(registry.hostname);
  if (
    !/^(10|127|192\.168|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\.|^(fc|fd|fe80|::1)/.test(
      address,
    )
  )
    return {};
  const bundle = process.env.NODE_EXTRA_CA_CERTS ?? process.env.SSL_CERT_FILE;
  return {
    SHIPSTACK_BUILD_REGISTRY: registry.href,
    SHIPSTACK_EGRESS_ALLOW_PRIVATE_HOSTS: registry.hostname,
    ...(bundle && { SHIPSTACK_BUILD_CA_FILE: bundle }),
  };
}
