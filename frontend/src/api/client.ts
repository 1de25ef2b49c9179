/** Calls to the API: one function for all, typed by its callers. */

import { apiUrl } from "./base";
import { ApiError } from "./errors";
import { send } from "./transport";

type Method = "GET" | "POST" | "PUT" | "DELETE";

export interface CallOptions {
  query?: Record<string, string | number | undefined>;
  body?: unknown;
  signal?: AbortSignal | undefined;
  /** Answers that are no refusal though their status says so (`/readyz` says 503 with its checks). */
  also?: readonly number[];
}

export async function call<T>(method: Method, path: string, options: CallOptions = {}): Promise<T> {
  const headers: Record<string, string> = { accept: "application/json" };
  if (options.body !== undefined) headers["content-type"] = "application/json";
  const response = await send(
    new Request(apiUrl(path) + queryString(options.query), {
      method,
      credentials: "include",
      cache: "no-store",
      headers,
      body: options.body === undefined ? null : JSON.stringify(options.body),
      signal: options.signal ?? null,
    }),
  );
  if (!response.ok && !options.also?.includes(response.status)) throw await ApiError.from(response);
  if (response.status === 204) return undefined as T;
  return (await response.json().catch(() => undefined)) as T;
}

export function queryString(query: CallOptions["query"] = {}): string {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== "") pairs.set(name, String(value));
  }
  const text = pairs.toString();
  return text ? `?${text}` : "";
}
