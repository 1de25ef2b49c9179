"use client";

import { useMemo } from "react";
import { encode } from "uqr";

/** Dark on light in both themes: many readers do not know it the other way round. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const { data, size } = useMemo(() => encode(text, { border: 2 }), [text]);
  const path = data.flatMap((row, y) => row.map((dark, x) => (dark ? `M${x} ${y}h1v1h-1z` : ""))).join("");
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${size} ${size}`}
      shapeRendering="crispEdges"
      className="size-24 shrink-0 rounded-md border border-line bg-white"
    >
      <path d={path} fill="#0a0a0f" />
    </svg>
  );
}
