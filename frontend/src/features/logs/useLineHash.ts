"use client";

import { useEffect, useState } from "react";

/** The number in `#L123`; 0 without one. */
export function useLineHash(): number {
  const [line, setLine] = useState(0);
  useEffect(() => {
    const read = () => setLine(lineOfHash(window.location.hash));
    read();
    window.addEventListener("hashchange", read);
    return () => window.removeEventListener("hashchange", read);
  }, []);
  return line;
}

export function lineOfHash(hash: string): number {
  return Number(/^#L(\d{1,9})$/.exec(hash)?.[1] ?? 0);
}
