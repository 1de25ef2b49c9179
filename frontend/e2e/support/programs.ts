/** Programs that a test starts; each is stopped by its own id. */

import { type ChildProcess, spawn } from "node:child_process";
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

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return address.port;
}
