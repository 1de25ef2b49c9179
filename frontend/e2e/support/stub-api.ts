/** A server that answers as the contract says, for what is hard to bring about with the real one: 100,000 lines, blocked streams. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Deployment, LogLine } from "../../src/api/types";
import { serveFile } from "./static-files";
import { STUB_DEPLOYMENTS, stubLog } from "./stub-data";

export interface StubOptions {
  deployments?: Deployment[];
  log?: (id: string) => LogLine[];
  /** Event streams are held back, as by a proxy that buffers. */
  blockStreams?: boolean;
  token?: string;
  /** A log that has not ended goes on with a line every so many milliseconds. */
  dripMs?: number;
}

export interface Stub {
  url: string;
  requests: string[];
  close: () => Promise<void>;
}

export async function startStub(options: StubOptions = {}): Promise<Stub> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    if (/^(GET|HEAD)$/.test(request.method ?? "") && serveFile(request, response)) return;
    answer(options, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://localhost:${port}`, requests, close: () => closed(server) };
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

function answer(options: StubOptions, request: IncomingMessage, response: ServerResponse): unknown {
  const url = new URL(request.url ?? "/", "http://x");
  const deployments = options.deployments ?? STUB_DEPLOYMENTS;
  const one = /^\/v1\/deployments\/([^/]+)(\/.*)?$/.exec(url.pathname);
  const signedIn = !options.token || request.headers.cookie?.includes("shipstack_session=ok");
  if (url.pathname === "/v1/session") return session(options, request, response);
  if (!signedIn) return problem(response, 401, "unauthorized", "A token is needed.");
  if (url.pathname === "/v1/events") return events(options, response);
  if (url.pathname === "/v1/server") return json(response, 200, SERVER);
  if (url.pathname === "/readyz") return json(response, 200, { status: "ok", checks: CHECKS });
  if (url.pathname === "/v1/deployments" && request.method === "POST") {
    return problem(
      response,
      400,
      "address_not_allowed",
      "The host resolves to an address that is not public.",
    );
  }
  if (url.pathname === "/v1/deployments") return list(url, deployments, response);
  const found = deployments.find((deployment) => deployment.id === (one?.[1] ?? url.searchParams.get("id")));
  if (!found) return problem(response, 404, "not_found", "No such deployment, project or file.");
  if (url.pathname === "/status") return json(response, 200, { status: found.status });
  if (one?.[2] === "/logs") return logs(options, found.id, url, request, response);
  if (one?.[2] === "/builds") return json(response, 200, { attempts: [], redeploys: [] });
  if (one?.[2] === "/files") return json(response, 200, { root: "0", rules: {}, entries: FILES });
  return json(response, 200, found);
}

function list(url: URL, deployments: Deployment[], response: ServerResponse): void {
  const status = url.searchParams.get("status");
  const limit = Number(url.searchParams.get("limit") ?? 30);
  const items = deployments.filter((each) => !status || each.status === status).slice(0, limit);
  json(response, 200, { items, nextCursor: null });
}

function session(options: StubOptions, request: IncomingMessage, response: ServerResponse): void {
  let body = "";
  request.on("data", (piece) => {
    body += piece;
  });
  request.on("end", () => {
    const right = request.method === "DELETE" || JSON.parse(body).token === options.token;
    if (!right) return problem(response, 401, "unauthorized", "This is not the token.");
    response.setHeader("set-cookie", "shipstack_session=ok; Path=/; HttpOnly; SameSite=Lax");
    response.writeHead(204).end();
  });
}

function events(options: StubOptions, response: ServerResponse): void {
  if (options.blockStreams) return;
  response.writeHead(200, { "content-type": "text/event-stream" });
  response.write(": hello\n\n");
}

function logs(
  options: StubOptions,
  id: string,
  url: URL,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const from = Number(url.searchParams.get("from") ?? 1);
  const lines = (options.log ?? stubLog)(id).filter((line) => line.seq >= from);
  if (!request.headers.accept?.includes("text/event-stream")) {
    response.writeHead(200, { "content-type": "application/x-ndjson" });
    response.end(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    return;
  }
  if (options.blockStreams) return;
  response.writeHead(200, { "content-type": "text/event-stream" });
  const ended = (options.deployments ?? STUB_DEPLOYMENTS).find((each) => each.id === id)?.endedAt;
  response.write(
    lines.map((line) => `id: ${line.seq}\nevent: line\ndata: ${JSON.stringify(line)}\n\n`).join(""),
  );
  if (ended) response.end("event: end\ndata: {}\n\n");
  else if (options.dripMs) drip(options.dripMs, lines.at(-1), response);
}

function drip(everyMs: number, last: LogLine | undefined, response: ServerResponse): void {
  let seq = last?.seq ?? 0;
  const timer = setInterval(() => {
    seq += 1;
    const line = { ...last, seq, text: `dripped ${seq}` };
    response.write(`id: ${seq}\nevent: line\ndata: ${JSON.stringify(line)}\n\n`);
  }, everyMs);
  response.on("close", () => clearInterval(timer));
}

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function problem(response: ServerResponse, status: number, code: string, detail: string): void {
  response.writeHead(status, { "content-type": "application/problem+json" });
  response.end(
    JSON.stringify({ title: code, status, code, detail, remedy: "Use a public host.", requestId: "r-1" }),
  );
}

const CHECKS = [
  { name: "redis", ok: true, detail: "answers" },
  { name: "store", ok: true, detail: "answers" },
];

const SERVER = {
  version: "0.1.0",
  limits: { sourceMaxBytes: 536_870_912, sourceMaxFiles: 50_000, buildTimeoutMs: 900_000 },
  abilities: ["git", "archive", "prebuilt"],
  tokenNeeded: true,
  serving: { domain: "localhost", urlTemplate: "http://{host}:3001/" },
  ready: true,
  checks: CHECKS,
  workers: [
    {
      id: "deploy-worker-7f3a",
      slots: 2,
      version: "0.1.0",
      ready: false,
      seenAt: "2026-11-21T21:37:02.331Z",
      checks: [
        { name: "docker", ok: true, detail: "Docker 27.1 answers" },
        {
          name: "image",
          ok: false,
          detail: "The builder image is not there.",
          remedy: "Run shipstack builder make.",
        },
      ],
    },
  ],
};

const FILES = [
  {
    path: "assets/index-B7x2k9.js",
    bytes: 143_122,
    sha256: "",
    contentType: "text/javascript; charset=utf-8",
  },
  { path: "assets/index-C4h8n2.css", bytes: 8_411, sha256: "", contentType: "text/css; charset=utf-8" },
  { path: "favicon.svg", bytes: 742, sha256: "", contentType: "image/svg+xml" },
  { path: "index.html", bytes: 612, sha256: "", contentType: "text/html; charset=utf-8" },
];
