"use client";

import { useEffect, useState, useSyncExternalStore } from "react";
import { feedLog } from "./feed-log";
import { LogStore } from "./log-store";

/** The log of a deployment as it comes. The answer is the same object with new lines; `version` tells views apart. */
export function useLog(id: string): { store: LogStore; version: number } {
  const [store] = useState(() => new LogStore());
  useEffect(() => {
    const stop = new AbortController();
    void feedLog(id, store, stop.signal);
    return () => stop.abort();
  }, [id, store]);
  const version = useSyncExternalStore(store.subscribe, store.version, store.version);
  return { store, version };
}
