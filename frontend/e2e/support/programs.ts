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
      await this.stop().catch(console.error);
      throw error;
    }
  }

  /** Stops all of them, also when one cannot be stopped. */
  async stop(): Promise<void> {
    const errors: unknown[] = [];
    for (let part = this.parts.pop(); part; part = this.parts.pop()) {
      await part.stop().catch((error) => errors.push(error));
    }
    if (errors.length > 0) throw new AggregateError(errors, "not everything could be stopped");
  }
}

/** How long a program may take until it says that it is ready, and how long to end. */
const START_PATIENCE_MS = 100_000;
const STOP_PATIENCE_MS = 20_000;

/** What a program that is started may be told. */
export interface ProgramWish {
  cwd?: string | undefined;
  startPatienceMs?: number;
  stopPatienceMs?: number;
}

export class Program implements Part {
  private constructor(
    private readonly child: ChildProcess,
    private readonly stopPatienceMs: number,
  ) {}

  /** Starts it and waits for the line that says it is ready; answers what `ready` found in it. */
  static async start(
    command: string,
    args: string[],
    env: Record<string, string>,
    ready: RegExp,
    wish: ProgramWish = {},
  ): Promise<[Program, RegExpExecArray]> {
    const child = spawn(command, args, {
      env: { ...process.env, ...env },
      cwd: wish.cwd,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const program = new Program(child, wish.stopPatienceMs ?? STOP_PATIENCE_MS);
    try {
      return [program, await program.says(ready, wish.startPatienceMs ?? START_PATIENCE_MS)];
    } catch (error) {
      await program.stop();
      const why = error instanceof Error ? error.message : String(error);
      throw new Error(`${command} ${why}`);
    }
  }

  private async says(ready: RegExp, patienceMs: number): Promise<RegExpExecArray> {
    let said = "";
    const { child } = this;
    const { promise, resolve, reject } = withResolvers<RegExpExecArray>();
    const take = (piece: Buffer) => {
      said += piece.toString();
      const found = ready.exec(said);
      if (found) resolve(found);
    };
    const fail = (what: string) => reject(new Error(`${what}: ${said.slice(-2_000)}`));
    const ended = (code: number | null) => fail(`ended with ${code}`);
    const failed = (error: Error) => fail(`cannot be started (${error.message})`);
    const patience = setTimeout(() => fail("did not say that it is ready"), patienceMs);
    child.stdout?.on("data", take);
    child.stderr?.on("data", take);
    child.once("error", failed);
    child.once("exit", ended);
    try {
      return await promise;
    } finally {
      clearTimeout(patience);
      child.removeListener("exit", ended);
      // What it says further is read and dropped: a full pipe would stop it.
      child.stdout?.removeListener("data", take).resume();
      child.stderr?.removeListener("data", take).resume();
    }
  }

  async stop(): Promise<void> {
    const { child } = this;
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    // A second one asks not to wait for what is running.
    const again = setTimeout(() => child.kill("SIGTERM"), 1_000);
    const atLast = setTimeout(() => child.kill("SIGKILL"), this.stopPatienceMs);
    await gone;
    clearTimeout(again);
    clearTimeout(atLast);
  }
}

function withResolvers<T>() {
  let resolve: (value: T) => void = () => undefined;
  let reject: (why: Error) => void = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
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
