/**
 * Stands before the API and takes away what tells it which page calls: `Origin`, `Sec-Fetch-*` and the name it was called
 * by. Behind it the rules against foreign pages are as good as switched off.
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
      const headers = { ...withoutPage(request.headers), host };
      const onward = ask(api + request.url, { method: request.method ?? "GET", headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      onward.on("error", () => response.destroy());
      response.on("close", () => onward.destroy());
      request.pipe(onward);
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
