/** Every refusal, as the server words it. */

interface ProblemBody {
  title?: string;
  code?: string;
  detail?: string;
  error?: string;
  remedy?: string;
  requestId?: string;
}

export interface ProblemInit {
  status: number;
  code: string;
  title: string;
  detail: string;
  remedy?: string | undefined;
  requestId?: string | undefined;
}

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly remedy: string | undefined;
  readonly requestId: string | undefined;

  constructor(init: ProblemInit) {
    super(init.detail);
    this.name = "ApiError";
    this.status = init.status;
    this.code = init.code;
    this.title = init.title;
    this.remedy = init.remedy;
    this.requestId = init.requestId;
  }

  /** Reads a refusal; one that is not in the API's form (a proxy's page) keeps its status. */
  static async from(response: Response): Promise<ApiError> {
    const body: unknown = await response.json().catch(() => null);
    return ApiError.of(response, body);
  }

  static of(response: Response, body: unknown): ApiError {
    const problem: ProblemBody = typeof body === "object" && body !== null ? body : {};
    return new ApiError({
      status: response.status,
      code: problem.code ?? "unknown",
      title: problem.title ?? `The server answered ${response.status}`,
      detail: problem.detail ?? problem.error ?? "The answer has no explanation.",
      remedy: problem.remedy,
      requestId: problem.requestId ?? response.headers.get("x-request-id") ?? undefined,
    });
  }
}

export function unreachable(): ApiError {
  return new ApiError({
    status: 0,
    code: "unreachable",
    title: "The API does not answer",
    detail: "The request did not reach the server, or its answer did not come back.",
    remedy: "Check that shipstack runs and that this page may call it; it is tried again by itself.",
  });
}

export function isUnauthorized(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401;
}

/** Whether asking again by itself can help. */
export function isTemporary(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status === 429 || error.status >= 500);
}
