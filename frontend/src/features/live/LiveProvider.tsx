"use client";

import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, use, useEffect, useState } from "react";
import type { Change } from "@/api/events";
import { type Connection, keepFollowing } from "./follow-changes";

const LiveContext = createContext<Connection>("connecting");

/** How changes reach this page. */
export function useConnection(): Connection {
  return use(LiveContext);
}

/** Keeps what is shown up to date while the page is open. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const [connection, setConnection] = useState<Connection>("connecting");
  useEffect(() => {
    const stop = new AbortController();
    const onChange = (change: Change) => {
      if (change.kind === "reset") return void queries.invalidateQueries();
      void queries.invalidateQueries({ queryKey: ["deployment", change.id] });
      void queries.invalidateQueries({ queryKey: ["deployments"] }, { cancelRefetch: false });
    };
    void keepFollowing({ onConnection: setConnection, onChange }, stop.signal);
    return () => stop.abort();
  }, [queries]);
  return <LiveContext value={connection}>{children}</LiveContext>;
}
