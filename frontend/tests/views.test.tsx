import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";
import { resolveApiBase } from "@/api/base";
import { ApiError } from "@/api/errors";
import { readChange } from "@/api/events";
import type { Deployment } from "@/api/types";
import { ErrorState } from "@/components/ErrorState";
import { AttemptsPanel } from "@/features/deployments/AttemptsPanel";
import { sourceTitle } from "@/features/deployments/describe";
import { FailurePanel } from "@/features/deployments/FailurePanel";
import { NetworkPanel } from "@/features/deployments/NetworkPanel";
import { SitePanel } from "@/features/deployments/SitePanel";
import { StatusBadge } from "@/features/deployments/StatusBadge";
import { timelineOf } from "@/features/deployments/timeline-spans";
import { CheckList } from "@/features/settings/CheckList";
import { WorkerEntry } from "@/features/settings/WorkerEntry";
import { formatBytes } from "@/format/bytes";
import { formatDuration } from "@/format/duration";
import { repositoryName } from "@/format/repository";

afterEach(cleanup);

describe("an error", () => {
  it("says what happened, what to try and the request's id", () => {
    const error = new ApiError({
      status: 503,
      code: "redis_unavailable",
      title: "Redis unavailable",
      detail: "State is out of reach.",
      remedy: "Look at Redis.",
      requestId: "r-17",
    });
    render(<ErrorState error={error} />);
    expect(screen.getByRole("alert").textContent).toContain("State is out of reach.");
    expect(screen.getByRole("alert").textContent).toContain("Look at Redis.");
    expect(screen.getByText("r-17")).toBeTruthy();
  });

  it("keeps the status of an answer that is not the API's", async () => {
    const error = await ApiError.from(new Response("<html>", { status: 502 }));
    expect([error.status, error.title]).toEqual([502, "The server answered 502"]);
  });
});

it("shows a failure's cause and remedy in the server's words", () => {
  render(
    <FailurePanel
      failure={{
        stage: "building",
        code: "build_failed",
        fault: "user",
        retryable: false,
        message: "It broke.",
        remedy: "Mend it.",
      }}
    />,
  );
  expect(screen.getByRole("heading", { name: "It broke." })).toBeTruthy();
  expect(screen.getByText("Mend it.")).toBeTruthy();
});

it("shows what a build was refused with its rule before those it talked to, most traffic first", () => {
  const host = (name: string, received: number) => ({
    host: name,
    port: 443,
    sent: 1,
    received,
    requests: 1,
  });
  const allowed = Array.from({ length: 8 }, (_, place) => host(`h${place}.example`, place * 1024));
  const refused = [{ ...host("evil.example", 0), reason: "host_not_listed" as const }];
  render(<NetworkPanel receipt={{ network: "install-only", allowed, refused }} />);
  const items = screen.getAllByRole("listitem").map((item) => item.textContent);
  expect(items[0]).toBe("evil.example:443Refused: not on this deployment's list of hosts");
  expect(items[1]).toContain("h7.example:4437.0 KiB in");
  expect(items).toHaveLength(7);
  expect(screen.getByText("For the install only")).toBeTruthy();
  fireEvent.click(screen.getByRole("button", { name: "Show 2 more" }));
  expect(screen.getAllByRole("listitem")).toHaveLength(9);
});

it("tells a state by a word and not by colour alone", () => {
  render(<StatusBadge status="failed" />);
  expect(screen.getByText("Failed")).toBeTruthy();
});

it("puts phases on one scale, and lets a running one go on until now", () => {
  const at = (ms: number) => new Date(ms).toISOString();
  const { spans, totalMs } = timelineOf(
    [
      { phase: "cloning", startedAt: at(1000), endedAt: at(3000) },
      { phase: "building", startedAt: at(3000), endedAt: null },
    ],
    8000,
  );
  expect(totalMs).toBe(7000);
  expect(spans.map((span) => [span.offsetMs, span.lengthMs, span.running])).toEqual([
    [0, 2000, false],
    [2000, 5000, true],
  ]);
});

it("reads changes and ignores what it does not know", () => {
  expect(readChange("reset", "")).toEqual([{ kind: "reset" }]);
  expect(readChange("status", '{"deployment":"abc"}')).toEqual([{ kind: "deployment", id: "abc" }]);
  expect(readChange("status", "no json")).toEqual([]);
});

it("finds the API where it is served, or beside port 3000", () => {
  const here = (port: string) => ({
    protocol: "http:",
    hostname: "localhost",
    port,
    origin: `http://localhost:${port}`,
  });
  expect(resolveApiBase(undefined, here("3002"))).toBe("http://localhost:3002");
  expect(resolveApiBase(undefined, here("3000"))).toBe("http://localhost:3002");
  expect(resolveApiBase("https://api.example/", here("3000"))).toBe("https://api.example");
});

it("writes sizes, durations and names as people read them", () => {
  expect([formatBytes(999), formatBytes(48_213), formatBytes(536_870_912)]).toEqual([
    "999 B",
    "47.1 KiB",
    "512 MiB",
  ]);
  expect([formatDuration(884), formatDuration(75_000), formatDuration(3_720_000)]).toEqual([
    "0.9 s",
    "1 min 15 s",
    "1 h 2 min",
  ]);
  expect(repositoryName("https://github.com/owner/repo.git")).toBe("owner/repo");
});

describe("attempts", () => {
  const attempt = (number: number, claim: number) => ({
    attempt: number,
    claim,
    startedAt: "2026-11-21T21:37:00.120Z",
    worker: `worker-${claim}`,
  });
  const show = (attempts: ReturnType<typeof attempt>[]) => {
    const client = new QueryClient({ defaultOptions: { queries: { staleTime: Number.POSITIVE_INFINITY } } });
    client.setQueryData(["deployment", "d1", "builds"], { attempts, redeploys: [] });
    const deployment = { id: "d1" } as Deployment;
    render(
      <QueryClientProvider client={client}>
        <AttemptsPanel deployment={deployment} />
      </QueryClientProvider>,
    );
  };

  it("are told when it took more than one, with what came of each", () => {
    show([attempt(1, 1), attempt(1, 2), attempt(2, 3)]);
    const rows = screen.getAllByRole("listitem").map((row) => row.textContent);
    expect(rows[0]).toContain("Attempt 1, handed back");
    expect(rows[1]).toContain("Attempt 1, no result");
    expect(rows[2]).toMatch(/^Attempt 2(?!,)/);
    expect(screen.getByText("worker-3")).toBeTruthy();
  });

  it("are no topic when the first one did it", () => {
    show([attempt(1, 1)]);
    expect(screen.queryByText("Attempts")).toBeNull();
  });
});

it("says when a worker was heard of last", () => {
  const seenAt = "2026-11-21T21:37:02.120Z";
  render(<WorkerEntry worker={{ id: "w1", slots: 2, version: "0.1.0", ready: true, checks: [], seenAt }} />);
  const heard = screen.getByText(/Last heartbeat at/).querySelector("time");
  expect(heard?.dateTime).toBe(seenAt);
  expect(heard?.textContent).toMatch(/^\d\d:37:02$/);
});

it("shows advice beside a check that works, and a remedy beside one that does not", () => {
  render(
    <CheckList
      checks={[
        { name: "engine", ok: true, detail: "Docker 29", remedy: null },
        { name: "runc", ok: true, detail: "1.1.5", remedy: "Use a newer runc." },
        { name: "image", ok: false, detail: "gone", remedy: "Make it." },
      ]}
    />,
  );
  const [engine, runc, image] = screen.getAllByRole("listitem").map((item) => item.textContent);
  expect(engine).toBe("engine works:  Docker 29");
  expect(runc).toContain("could be better");
  expect(runc).toContain("Use a newer runc.");
  expect(image).toContain("Make it.");
});

describe("a site's address", () => {
  const site = (url: string) =>
    render(<SitePanel deployment={{ id: "a", url, files: 1, bytes: 1 } as Deployment} />);

  it("that is of this machine only says so and has no code for a phone", () => {
    site("http://a.localhost:3001/");
    expect(screen.getByText(/on this machine only/)).toBeTruthy();
    expect(document.querySelector("svg[role=img], [class*=skeleton], .size-24")).toBeNull();
  });

  it("that others reach has a code", () => {
    site("https://a.sites.example.org/");
    expect(screen.queryByText(/on this machine only/)).toBeNull();
    expect(document.querySelector(".size-24")).not.toBeNull();
  });
});

it("tells uploads apart by their names", () => {
  const upload = { kind: "archive", prebuilt: false, commit: null, bytes: null, files: null } as const;
  expect(sourceTitle({ ...upload, name: "my-site" })).toBe("my-site");
  expect(sourceTitle(upload)).toBe("Uploaded folder");
});
