/** Repositories over HTTP: the fixtures, committed, behind the real `git http-backend`. */

import { execFileSync, spawn } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fixture } from "./fixtures";

export class GitServer {
  private constructor(
    readonly host: string,
    private readonly server: Server,
    private readonly folder: string,
  ) {}

  static async start(names: string[]): Promise<GitServer> {
    const folder = mkdtempSync(join(tmpdir(), "shipstack-git-"));
    for (const name of names) commit(fixture(name), join(folder, `${name}.git`));
    const server = createServer((request, response) => backend(folder, request, response));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new GitServer(`127.0.0.1:${(server.address() as AddressInfo).port}`, server, folder);
  }

  url(name: string): string {
    return `http://${this.host}/${name}.git`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function commit(source: string, folder: string): void {
  cpSync(source, folder, { recursive: true });
  const git = (...args: string[]) =>
    execFileSync("git", ["-C", folder, "-c", "user.name=e2e", "-c", "user.email=e2e@localhost", ...args], {
      stdio: "ignore",
    });
  git("init", "-q", "-b", "main");
  git("add", "-A");
  git("commit", "-q", "-m", "A site");
}

/** CGI (RFC 3875), as much as git needs. */
function backend(folder: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? "/", "http://x");
  const child = spawn("git", ["http-backend"], {
    env: {
      ...process.env,
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: "1",
      PATH_INFO: url.pathname.replace(".git/", ".git/.git/"),
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method ?? "GET",
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  request.pipe(child.stdin);
  const pieces: Buffer[] = [];
  child.stdout.on("data", (piece: Buffer) => pieces.push(piece));
  child.on("close", () => reply(Buffer.concat(pieces), response));
}

function reply(output: Buffer, response: ServerResponse): void {
  const end = output.indexOf("\r\n\r\n");
  const headers = output
    .subarray(0, end)
    .toString()
    .split("\r\n")
    .map((line) => line.split(/:\s*/, 2));
  for (const [name, value] of headers) {
    if (name === "Status") response.statusCode = Number.parseInt(value ?? "500", 10);
    else if (name && value) response.setHeader(name, value);
  }
  response.end(output.subarray(end + 4));
}
