"use client";

import { formatAbsolute, formatRelative } from "@/format/time";
import { useNow } from "./useNow";

const MINUTE_MS = 60_000;

export function RelativeTime({ at }: { at: string }) {
  const now = useNow(MINUTE_MS / 2);
  return (
    <time dateTime={at} title={formatAbsolute(at)} className="tabular whitespace-nowrap">
      {formatRelative(at, now)}
    </time>
  );
}
