/** Programs that a test starts; each is stopped by its own id. */

import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { createServer } from "node:net";

export class Program {
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
      const take = (piece: Buffer) => {
        said += piece.toString();
        const found = ready.exec(said);
        if (found) resolve([program, found]);
      };
      child.stdout?.on("data", take);
      child.stderr?.on("data", take);
      child.on("error", reject);
      child.on("exit", (code) => reject(new Error(`${command} ended with ${code}: ${said.slice(-2_000)}`)));
    });
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
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
