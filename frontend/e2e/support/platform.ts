/** The real thing: `shipstack up` on free ports and a folder of its own. */

import { execFileSync } from "node:child_process";
import { lookup } from "node:dns/promises";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { BlockList } from "node:net";
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

/** Addresses of networks that are not the internet, as far as a test meets them. */
const NOT_PUBLIC = new BlockList();
for (const [network, prefix] of [
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.0.2.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
] as const) {
  NOT_PUBLIC.addSubnet(network, prefix);
}

/** Where the package registry resolves to an address that is not public, builds have to be let through to it. */
async function registrySettings(): Promise<Record<string, string>> {
  const answer = execFileSync("npm", ["config", "get", "registry"], { stdio: ["ignore", "pipe", "ignore"] });
  const registry = new URL(answer.toString().trim());
  const { address } = await lookup(registry.hostname, 4);
  if (!NOT_PUBLIC.check(address)) return {};
  const bundle = process.env.NODE_EXTRA_CA_CERTS ?? process.env.SSL_CERT_FILE;
  return {
    SHIPSTACK_BUILD_REGISTRY: registry.href,
    SHIPSTACK_EGRESS_ALLOW_PRIVATE_HOSTS: registry.hostname,
    ...(bundle && { SHIPSTACK_BUILD_CA_FILE: bundle }),
  };
}
