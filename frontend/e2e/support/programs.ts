/** Programs that a test starts; each is stopped by its own id. */

import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** Something that a test started and has to stop. */
export interface Part {
  stop(): Promise<void>;
}

/** All that is running; a later one runs on the earlier ones, so the last is stopped first. */
export class Running implements Part {
  private readonly parts: Part[] = [];

  add<P extends Part>(part: P): P {
    this.parts.push(part);
    return part;
  }

  /** Does this; when it fails in the middle, what it started until then is stopped. */
  async orNothing<T>(start: () => Promise<T>): Promise<T> {
    try {
      return await start();
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    for (let part = this.parts.pop(); part; part = this.parts.pop()) await part.stop();
  }
}

/** How long a program may take until it says that it is ready. */
const START_PATIENCE_MS = 100_000;

export class Program implements Part {
  private constructor(private readonly child: ChildProcess) {}

  /** Starts it and waits for the line that says it is ready; answers what `ready` found in it. */
  static start(
    command: string,
    args: string[],
    env: Record<string, string>,
    ready: RegExp,
    cwd?: string,
  ): Promise<[Program, RegExpExecArray]> {
    const child = spawn(command, args, {
      env: { ...process.env, ...env },
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const program = new Program(child);
    let said = "";
    return new Promise((resolve, reject) => {
      const told = () => said.slice(-2_000);
      const ended = (code: number | null) => failed(new Error(`${command} ended with ${code}: ${told()}`));
      const late = async () => {
        child.removeListener("exit", ended);
        await program.stop();
        reject(new Error(`${command} did not say that it is ready: ${told()}`));
      };
      const patience = setTimeout(late, START_PATIENCE_MS);
      const failed = (why: Error) => {
        clearTimeout(patience);
        reject(why);
      };
      const take = (piece: Buffer) => {
        said += piece.toString();
        const found = ready.exec(said);
        if (!found) return;
        clearTimeout(patience);
        resolve([program, found]);
      };
      child.stdout?.on("data", take);
      child.stderr?.on("data", take);
      child.on("error", failed);
      child.on("exit", ended);
    });
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.child.once("exit", resolve));
    this.child.kill("SIGTERM");
    // A second one asks not to wait for what is running.
    const again = setTimeout(() => this.child.kill("SIGTERM"), 1_000);
    await gone;
    clearTimeout(again);
  }
}

/**
 * Below the ports that Linux gives to connections that go out: one of those would be taken between our look and the
 * server's start once in a while. `withPairAbove`: the port that many above is free as well.
 */
export async function freePort(wish: { withPairAbove?: number } = {}): Promise<number> {
  for (;;) {
    const port = await bound(randomInt(12_000, 22_000));
    if (port === undefined) continue;
    const pair = wish.withPairAbove ? port + wish.withPairAbove : undefined;
    if (pair === undefined) return port;
    if (pair < 65_536 && (await bound(pair)) === pair) return port;
  }
}

/** The port, if it could be listened on. */
async function bound(port: number): Promise<number | undefined> {
  const server = createServer();
  const opened = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => resolve(true));
  });
  if (!opened) return undefined;
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" ? address?.port : undefined;
}
