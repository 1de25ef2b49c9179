import { describe, expect, it } from "vitest";
import { Program, Running } from "../e2e/support/programs";

const FOR_EVER = "setInterval(() => {}, 1_000);";

describe("what the browser tests start", () => {
  it("is stopped, the last first, when something after it does not start", async () => {
    const stopped: string[] = [];
    const part = (name: string) => ({ stop: async () => void stopped.push(name) });
    const running = new Running();
    const starting = running.orNothing(async () => {
      running.add(part("Redis"));
      running.add(part("store"));
      return Program.start(process.execPath, ["-e", "process.exit(3)"], {}, /ready/);
    });
    await expect(starting).rejects.toThrow("ended with 3");
    expect(stopped).toEqual(["store", "Redis"]);
  });

  it("is stopped though one of it cannot be", async () => {
    const stopped: string[] = [];
    const running = new Running();
    running.add({ stop: async () => void stopped.push("Redis") });
    running.add({ stop: () => Promise.reject(new Error("busy")) });
    await expect(running.stop()).rejects.toThrow("not everything could be stopped");
    expect(stopped).toEqual(["Redis"]);
  });

  it("is stopped when it does not get ready", async () => {
    const starting = Program.start(process.execPath, ["-e", FOR_EVER], {}, /ready/, { startPatienceMs: 50 });
    await expect(starting).rejects.toThrow("did not say that it is ready");
  });

  it("is killed when it does not end though it is asked to", async () => {
    const deaf = `process.on("SIGTERM", () => {}); ${FOR_EVER} console.log("deaf " + process.pid);`;
    const [program, found] = await Program.start(process.execPath, ["-e", deaf], {}, /deaf (\d+)/, {
      stopPatienceMs: 100,
    });
    await program.stop();
    expect(() => process.kill(Number(found[1]), 0)).toThrow("ESRCH");
  });

  it("is not started when there is no such program", async () => {
    await expect(Program.start("no-such-program", [], {}, /ready/)).rejects.toThrow("cannot be started");
  });
});
