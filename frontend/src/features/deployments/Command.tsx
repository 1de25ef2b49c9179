"use client";

import { CopyButton } from "@/components/CopyButton";

/** A line for a terminal. */
export function Command({ children }: { children: string }) {
  return (
    <span className="inline-flex max-w-full min-w-0 items-center gap-1 rounded-md border border-line bg-canvas py-0.5 pr-0.5 pl-3 text-left">
      <code className="min-w-0 overflow-x-auto whitespace-nowrap font-mono text-ink text-xs">{children}</code>
      <CopyButton text={children} label="Copy command" />
    </span>
  );
}
