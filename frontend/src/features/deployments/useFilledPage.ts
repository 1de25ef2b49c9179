import { useEffect } from "react";

interface Pages {
  isPending: boolean;
  isFetching: boolean;
  isError: boolean;
  hasNextPage: boolean;
  fetchNextPage: () => unknown;
}

/** A page may be empty without being the last (contract §6): goes on until there is something to show. Answers whether it still looks. */
export function useFilledPage(pages: Pages, shown: number): boolean {
  const { isFetching, isError, hasNextPage, fetchNextPage } = pages;
  const more = shown === 0 && hasNextPage && !isError;
  useEffect(() => {
    if (more && !isFetching) void fetchNextPage();
  }, [more, isFetching, fetchNextPage]);
  return pages.isPending || more;
}
