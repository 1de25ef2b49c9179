/**
 * Stands before the API and takes away what tells it which page calls: `Origin`, `Sec-Fetch-*` and the name it was called
 * by; and it lets every page read the answers. Behind it the rules against foreign pages are as good as switched off.
 */

import { request as ask, createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export class BlindProxy {
  private constructor(
    readonly url: string,
    private readonly server: Server,
  ) {}

  static async start(api: string): Promise<BlindProxy> {
    const { host } = new URL(api);
    const server = createServer((request, response) => {
      const everybody = admitting(request.headers);
      if (request.method === "OPTIONS") return response.writeHead(204, everybody).end();
      const headers = { ...withoutPage(request.headers), host };
      const onward = ask(api + request.url, { method: request.method ?? "GET", headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, { ...answer.headers, ...everybody });
        answer.pipe(response);
      });
      onward.on("error", () => response.destroy());
      response.on("close", () => onward.destroy());
      return request.pipe(onward);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return new BlindProxy(`http://localhost:${(server.address() as AddressInfo).port}`, server);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

function withoutPage(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const kept = Object.entries(headers).filter(
    ([name]) => name !== "origin" && name !== "referer" && !name.startsWith("sec-fetch-"),
  );
  return Object.fromEntries(kept);
}

/** CORS, for whoever asks. */
function admitting({ origin, ...asked }: IncomingHttpHeaders): Record<string, string> {
  return {
    "access-control-allow-origin": origin ?? "*",
    "access-control-allow-credentials": "true",
    "access-control-allow-methods": "POST, PUT, DELETE",
    "access-control-allow-headers": String(asked["access-control-request-headers"] ?? "content-type"),
  };
}
