import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { feedLog } from "@/features/logs/feed-log";
import { LogStore } from "@/features/logs/log-store";

const event = (seq: number) =>
  `id: ${seq}\nevent: line\ndata: ${JSON.stringify({ seq, at: "", stream: "stdout", phase: "building", attempt: 1, text: `line ${seq}` })}\n\n`;
const END = "event: end\ndata: {}\n\n";

function stream(text: string): Response {
  return new Response(text, { headers: { "content-type": "text/event-stream" } });
}

describe("a log that is followed", () => {
  const asked: URL[] = [];
  let answers: ((url: URL) => Response)[] = [];

  beforeEach(() => {
    asked.length = 0;
    vi.stubGlobal("fetch", async (request: Request) => {
      const url = new URL(request.url);
      asked.push(url);
      const answer = answers.shift();
      if (!answer) throw new TypeError("network");
      return answer(url);
    });
  });
  afterEach(() => vi.unstubAllGlobals());

  async function follow(): Promise<LogStore> {
    const store = new LogStore();
    await feedLog("abc", store, AbortSignal.timeout(8_000));
    return store;
  }

  it("is resumed after its last line when the stream breaks, and doubles none", async () => {
    answers = [() => stream(event(1) + event(2)), () => stream(event(2) + event(3) + END)];
    const store = await follow();
    expect(store.lines.map((line) => line.seq)).toEqual([1, 2, 3]);
    expect(asked.map((url) => url.searchParams.get("from"))).toEqual(["1", "3"]);
    expect(store.ended).toBe(true);
  });

  it("is read in pieces, beside GET /status, where event streams do not come through", async () => {
    const ndjson = (seqs: number[]) =>
      new Response(seqs.map((seq) => `${JSON.stringify({ seq, text: "" })}\n`).join(""), {
        headers: { "content-type": "application/x-ndjson" },
      });
    answers = [
      () => new Response("<html>proxy</html>", { headers: { "content-type": "text/html" } }),
      () => Response.json({ status: "building" }),
      () => ndjson([1, 2]),
      () => Response.json({ status: "deployed" }),
      () => ndjson([3]),
    ];
    const store = await follow();
    expect(store.lines.map((line) => line.seq)).toEqual([1, 2, 3]);
    expect(asked.map((url) => url.pathname)).toEqual([
      "/v1/deployments/abc/logs",
      "/status",
      "/v1/deployments/abc/logs",
      "/status",
      "/v1/deployments/abc/logs",
    ]);
    expect(store.ended).toBe(true);
  }, 10_000);
});
