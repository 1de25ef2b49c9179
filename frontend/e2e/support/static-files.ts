/** Serves the export as upload-service does: same content security policy, same caching. */

import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join, normalize } from "node:path";

export const OUT = new URL("../../out/", import.meta.url).pathname;

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
};

export function policyFor(html: string, apiOrigin = ""): string {
  const scripts = [...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)].map(
    ([, body]) =>
      `'sha256-${createHash("sha256")
        .update(body ?? "")
        .digest("base64")}'`,
  );
  return [
    "default-src 'none'",
    `script-src 'self' ${scripts.join(" ")}`,
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self' ${apiOrigin}`,
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** Answers whether there was a file. */
export function serveFile(request: IncomingMessage, response: ServerResponse, apiOrigin?: string): boolean {
  const path = normalize(decodeURIComponent(new URL(request.url ?? "/", "http://x").pathname));
  const file = join(OUT, path.endsWith("/") ? `${path}index.html` : path);
  if (!file.startsWith(OUT) || !existsSync(file) || extname(file) === "") return false;
  const body = readFileSync(file);
  const type = TYPES[extname(file)] ?? "application/octet-stream";
  response.setHeader("content-type", type);
  if (type.startsWith("text/html")) {
    response.setHeader("content-security-policy", policyFor(body.toString(), apiOrigin));
  }
  response.end(body);
  return true;
}
