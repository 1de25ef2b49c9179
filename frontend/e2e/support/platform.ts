/** The real thing, on free ports and a folder of its own, in both shapes that it is run in. */

import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { ROOT } from "./fixtures";
import { freePort, Program, Running } from "./programs";
import { registrySettings } from "./registry";
import { startServers } from "./servers";
import { until } from "./until";

const SHIPSTACK =
  process.env.SHIPSTACK_BIN ?? join(process.env.CARGO_TARGET_DIR ?? join(ROOT, "target"), "debug/shipstack");
const WEED = process.env.SHIPSTACK_TEST_WEED;

/** One process with a folder; or three processes on Redis and S3. */
export type Shape = "all in one" | "three services";

export const SHAPES: readonly Shape[] = ["all in one", "three services"];

/** Without the programs there is nothing to test; where tests are required that is an error. */
export function shapeIsThere(shape: Shape): boolean {
  const missing = shape === "all in one" ? missingProgram("shipstack") : missingForServices();
  if (!missing) return true;
  if (process.env.SHIPSTACK_TEST_REQUIRE === "1") throw new Error(missing);
  console.log(`skipped (${shape}): ${missing}`);
  return false;
}

function missingProgram(name: string): string | undefined {
  return existsSync(programOf(name)) ? undefined : `${programOf(name)} is not built`;
}

function missingForServices(): string | undefined {
  if (!WEED) return "SHIPSTACK_TEST_WEED is not set";
  return ["upload-service", "deploy-worker", "request-service"].map(missingProgram).find(Boolean);
}

/** The other programs are beside the one that is named. */
function programOf(name: string): string {
  return name === "shipstack" ? SHIPSTACK : join(dirname(SHIPSTACK), name);
}

export class Platform {
  private constructor(
    readonly api: string,
    readonly servePort: number,
    private readonly running: Running,
  ) {}

  static async start(shape: Shape, settings: Environment = {}): Promise<Platform> {
    const running = new Running();
    return running.orNothing(async () => {
      const data = mkdtempSync(join(tmpdir(), "shipstack-e2e-"));
      running.add({ stop: async () => rmSync(data, { recursive: true, force: true }) });
      const servePort = await freePort();
      const environment = {
        SHIPSTACK_DATA_DIR: data,
        SHIPSTACK_API_ADDR: "127.0.0.1:0",
        SHIPSTACK_SERVE_ADDR: `127.0.0.1:${servePort}`,
        ...(await registrySettings()),
        ...settings,
      };
      const start = shape === "all in one" ? startOne : startThree;
      const apiPort = await start(running, environment, data);
      const platform = new Platform(`http://localhost:${apiPort}`, servePort, running);
      await platform.hasWorker(settings.SHIPSTACK_TOKEN);
      return platform;
    });
  }

  async stop(): Promise<void> {
    await this.running.stop();
  }

  private async hasWorker(token?: string): Promise<void> {
    const headers = token ? { authorization: `Bearer ${token}` } : undefined;
    await until(async () => {
      const answer = await fetch(`${this.api}/v1/server`, { ...(headers && { headers }) });
      const { workers } = (await answer.json()) as { workers: { ready: boolean }[] | null };
      return workers?.some((worker) => worker.ready) ?? false;
    });
  }
}

type Environment = Record<string, string>;

/** Answers the port of the API. */
async function startOne(running: Running, environment: Environment, cwd: string): Promise<string> {
  const ready = /ready: API https?:\/\/[^\s:]+:(\d+)/;
  const [program, found] = await Program.start(programOf("shipstack"), ["up"], environment, ready, { cwd });
  running.add(program);
  return found[1] ?? "";
}

async function startThree(running: Running, settings: Environment, cwd: string): Promise<string> {
  const environment = { ...settings, ...(await startServers(running, WEED ?? "")) };
  const start = async (name: string, ready: RegExp) => {
    const [program, found] = await Program.start(programOf(name), [], environment, ready, { cwd });
    running.add(program);
    return found;
  };
  const found = await start("upload-service", /upload-service is ready on \S*:(\d+)/);
  await start("request-service", /request-service is ready on/);
  await start("deploy-worker", /\S/);
  return found[1] ?? "";
}
