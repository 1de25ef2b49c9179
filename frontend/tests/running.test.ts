import { describe, expect, it } from "vitest";
import { Program, Running } from "../e2e/support/programs";

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
});
