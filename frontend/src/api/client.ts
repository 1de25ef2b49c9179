/**
 * Calls to the API, typed by its OpenAPI document: a path, query, body or answer that the server does not have does not
 * compile. Twenty lines of types instead of a client library, which would not fit the budget of the first load.
 */

import { apiUrl } from "./base";
import { ApiError } from "./errors";
import type { paths } from "./schema";
import { send } from "./transport";

type Method = "get" | "post" | "put" | "delete";
type PathOf<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, { responses: unknown }> ? P : never;
}[keyof paths];
type Operation<M extends Method, P extends keyof paths> = paths[P] extends Record<M, infer O> ? O : never;
type Json<T> = T extends { content: { "application/json": infer Body } } ? Body : undefined;
type Answer<O> = O extends { responses: infer R } ? Json<R[Extract<keyof R, 200 | 201 | 202 | 204>]> : never;
type Query<O> = O extends { parameters: { query?: infer Q } } ? Q : never;
type Body<O> = O extends { requestBody?: { content: { "application/json": infer B } } } ? B : never;

export interface CallOptions<O> {
  /** Fills `{id}` in the path. */
  id?: string;
  query?: Query<O>;
  body?: Body<O>;
  signal?: AbortSignal | undefined;
  /** Answers that are no refusal though their status says so (`/readyz` says 503 with its checks). */
  also?: readonly number[];
}

export async function call<M extends Method, P extends PathOf<M>>(
  method: M,
  path: P,
  options: CallOptions<Operation<M, P>> = {},
): Promise<Answer<Operation<M, P>>> {
  const { id = "", query, body, signal, also } = options;
  const headers: Record<string, string> = { accept: "application/json" };
  if (body !== undefined) headers["content-type"] = "application/json";
  const url = apiUrl(path.replace("{id}", encodeURIComponent(id))) + queryString(query ?? {});
  const request = new Request(url, {
    method: method.toUpperCase(),
    credentials: "include",
    cache: "no-store",
    headers,
    body: body === undefined ? null : JSON.stringify(body),
    signal: signal ?? null,
  });
  const response = await send(request);
  if (!response.ok && !also?.includes(response.status)) throw await ApiError.from(response);
  const answer: unknown = response.status === 204 ? undefined : await response.json();
  return answer as Answer<Operation<M, P>>;
}

/** Pairs whose value is empty are left out. */
export function queryString(query: object): string {
  const pairs = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "") pairs.set(name, String(value));
  }
  const text = pairs.toString();
  return text ? `?${text}` : "";
}
