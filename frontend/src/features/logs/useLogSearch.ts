"use client";

import { useEffect, useRef, useState } from "react";
import type { LogStore } from "./log-store";
import { searchLog } from "./search-log";

export interface LogSearch {
  query: string;
  setQuery: (query: string) => void;
  needle: string;
  /** Places of the lines that match. */
  matches: readonly number[];
  /** Which of them is looked at. */
  current: number;
  move: (by: 1 | -1) => void;
}

/** Searches all lines, and those that come while the search stands. */
export function useLogSearch(store: LogStore, version: number, onShow: (place: number) => void): LogSearch {
  const [query, setQuery] = useState("");
  const [matches, setMatches] = useState<readonly number[]>([]);
  const [current, setCurrent] = useState(0);
  const done = useRef({ needle: "", upTo: 0 });
  const needle = query.trim().toLowerCase();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version says that the store has new lines.
  useEffect(() => {
    const fresh = done.current.needle !== needle;
    const from = fresh ? 0 : done.current.upTo;
    if (needle === "") {
      done.current = { needle, upTo: 0 };
      setMatches([]);
      return;
    }
    const stop = new AbortController();
    const upTo = store.lines.length;
    void searchLog(store.lines, needle, from, stop.signal).then((found) => {
      if (stop.signal.aborted) return;
      done.current = { needle, upTo };
      setMatches((before) => (fresh ? found : before.concat(found)));
      if (fresh) setCurrent(0);
      if (fresh && found[0] !== undefined) onShow(found[0]);
    });
    return () => stop.abort();
  }, [needle, store, version]);
  const move = (by: 1 | -1) => {
    if (matches.length === 0) return;
    const next = (current + by + matches.length) % matches.length;
    setCurrent(next);
    const place = matches[next];
    if (place !== undefined) onShow(place);
  };
  return { query, setQuery, needle, matches, current, move };
}
