/** The one module that talks to the network. Everything else asks it. */

import { ApiError, unreachable } from "./errors";

/** `fetch` with the session cookie; a network that is away is an ApiError like every other refusal. */
export async function send(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (cause) {
    if (request.signal.aborted) throw cause;
    throw unreachable();
  }
}

/** A GET whose answer is read by the caller. Refusals throw. */
export async function open(url: string, headers: HeadersInit, signal: AbortSignal): Promise<Response> {
  const response = await send(
    new Request(url, { credentials: "include", cache: "no-store", headers, signal }),
  );
  if (!response.ok) throw await ApiError.from(response);
  return response;
}

export interface UploadProgress {
  sent: number;
  total: number;
}

/** Posts a body and says how much of it is out; `fetch` cannot say that. */
export function upload(
  url: string,
  body: Blob,
  options: { contentType: string; signal: AbortSignal; onProgress: (progress: UploadProgress) => void },
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.withCredentials = true;
    request.setRequestHeader("content-type", options.contentType);
    request.setRequestHeader("accept", "application/json");
    request.upload.onprogress = (event) => options.onProgress({ sent: event.loaded, total: event.total });
    request.onload = () => resolve(asResponse(request));
    request.onerror = () => reject(unreachable());
    request.onabort = () => reject(new DOMException("The upload was stopped.", "AbortError"));
    options.signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(body);
  });
}

function asResponse(request: XMLHttpRequest): Response {
  const headers = new Headers();
  for (const name of ["content-type", "retry-after", "x-request-id"]) {
    const value = request.getResponseHeader(name);
    if (value) headers.set(name, value);
  }
  return new Response(request.responseText, { status: request.status, headers });
}
