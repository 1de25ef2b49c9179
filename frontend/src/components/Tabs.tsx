"use client";

import { type KeyboardEvent, type ReactNode, useId, useState } from "react";
import { classes } from "./classes";

export interface Tab {
  value: string;
  label: string;
  note?: ReactNode;
  content: ReactNode;
}

const STEPS: Record<string, (at: number, count: number) => number> = {
  ArrowRight: (at, count) => (at + 1) % count,
  ArrowLeft: (at, count) => (at - 1 + count) % count,
  Home: () => 0,
  End: (_, count) => count - 1,
};

/** Views of one thing (WAI-ARIA tabs): arrow keys move, and what was seen once stays as it was left. */
export function Tabs({ tabs, label }: { tabs: readonly Tab[]; label: string }) {
  const [active, setActive] = useState(0);
  const [seen, setSeen] = useState<ReadonlySet<number>>(new Set([0]));
  const base = useId();
  const open = (at: number) => {
    setActive(at);
    setSeen(new Set(seen).add(at));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const next = STEPS[event.key]?.(active, tabs.length);
    if (next === undefined) return;
    event.preventDefault();
    open(next);
    document.getElementById(`${base}-tab-${next}`)?.focus();
  };
  return (
    <div>
      <div role="tablist" aria-label={label} className="mb-4 flex gap-1 overflow-x-auto border-line border-b">
        {tabs.map((tab, at) => (
          <button
            key={tab.value}
            id={`${base}-tab-${at}`}
            type="button"
            role="tab"
            aria-selected={at === active}
            aria-controls={`${base}-panel-${at}`}
            tabIndex={at === active ? 0 : -1}
            onClick={() => open(at)}
            onKeyDown={onKeyDown}
            className={classes(
              "inline-flex h-10 items-center gap-2 whitespace-nowrap border-b-2 px-3 font-medium text-sm focus-visible:outline-offset-[-2px]",
              at === active ? "border-accent text-ink" : "border-transparent text-muted hover:text-ink",
            )}
          >
            {tab.label}
            {tab.note}
          </button>
        ))}
      </div>
      {tabs.map((tab, at) => (
        <div
          key={tab.value}
          id={`${base}-panel-${at}`}
          role="tabpanel"
          aria-labelledby={`${base}-tab-${at}`}
          hidden={at !== active}
        >
          {seen.has(at) && tab.content}
        </div>
      ))}
    </div>
  );
}
