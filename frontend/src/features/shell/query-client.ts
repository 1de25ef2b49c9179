import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { isTemporary, isUnauthorized } from "@/api/errors";
import { markSignedOut } from "@/features/session/session-state";

/** Most tries of a read that a temporary trouble refused. */
const MOST_TRIES = 3;

export function createQueryClient(): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({ onError: noticeSignOut }),
    mutationCache: new MutationCache({
      onError: (error, _variables, _result, mutation) => {
        if (!mutation.meta?.keepsSession) noticeSignOut(error);
      },
    }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        networkMode: "always",
        retry: (failures, error) => isTemporary(error) && failures < MOST_TRIES,
        retryDelay: (failures) => Math.min(500 * 2 ** failures, 5_000),
      },
      mutations: { networkMode: "always" },
    },
  });
}

function noticeSignOut(error: unknown): void {
  if (isUnauthorized(error)) markSignedOut();
}
