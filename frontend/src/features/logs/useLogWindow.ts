"use client";

import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

export const LINE_HEIGHT = 20;
/** Rows kept above and below what is seen, so that fast scrolling shows no gap. */
const SPARE_ROWS = 30;

export interface LogWindowOptions {
  count: number;
  version: number;
  wrap: boolean;
  startFollowing: boolean;
}

/** The rows in sight, and a follow mode that yields as soon as the reader scrolls up and comes back at the end. */
export function useLogWindow({ count, version, wrap, startFollowing }: LogWindowOptions) {
  const scroller = useRef<HTMLElement>(null);
  const lastTop = useRef(0);
  const [following, setFollowing] = useState(startFollowing);
  const rows = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE_HEIGHT,
    overscan: SPARE_ROWS,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: heights change with wrapping.
  useEffect(() => rows.measure(), [wrap, rows]);
  const toEnd = useCallback(() => {
    const box = scroller.current;
    if (box) box.scrollTop = box.scrollHeight;
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version says that lines came.
  useLayoutEffect(() => {
    if (following) toEnd();
  }, [following, version, count, toEnd]);
  const onScroll = () => {
    const box = scroller.current;
    if (!box) return;
    const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < LINE_HEIGHT * 1.5;
    if (atEnd && box.scrollTop > lastTop.current) setFollowing(true);
    else if (!atEnd && box.scrollTop < lastTop.current) setFollowing(false);
    lastTop.current = box.scrollTop;
  };
  const show = useCallback(
    (place: number) => {
      const box = scroller.current;
      if (!box) return;
      setFollowing(false);
      rows.scrollToIndex(place, { align: "center" });
      // Not the reader's own scrolling: it neither begins nor ends following.
      lastTop.current = box.scrollTop;
    },
    [rows],
  );
  return { scroller, rows, following, follow: () => setFollowing(true), onScroll, show };
}

export type LogWindow = ReturnType<typeof useLogWindow>;
