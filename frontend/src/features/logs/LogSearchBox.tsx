"use client";

import { ChevronDown, ChevronUp, Search } from "lucide-react";
import { type KeyboardEvent, useEffect, useRef } from "react";
import { IconButton } from "@/components/IconButton";
import { INPUT_CLASS } from "@/components/TextInput";
import type { LogSearch } from "./useLogSearch";

/** `/` comes here from anywhere; Enter goes to the next match, with Shift to the one before. */
export function LogSearchBox({ search }: { search: LogSearch }) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      const typing =
        event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable]");
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing) return;
      event.preventDefault();
      input.current?.select();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter") search.move(event.shiftKey ? -1 : 1);
    if (event.key === "Escape") search.setQuery("");
  };
  const { needle, matches, current } = search;
  const count =
    matches.length === 0
      ? "No match"
      : `${(current + 1).toLocaleString("en")} of ${matches.length.toLocaleString("en")}`;
  return (
    <div className="flex min-w-0 grow items-center gap-1 sm:grow-0">
      <div className="relative min-w-0 grow">
        <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-muted" />
        <input
          ref={input}
          type="search"
          aria-label="Search the log"
          aria-keyshortcuts="/"
          placeholder="Search the log  /"
          value={search.query}
          onChange={(event) => search.setQuery(event.target.value)}
          onKeyDown={onKeyDown}
          className={`${INPUT_CLASS} h-8 pr-2 pl-8 text-sm sm:w-60 [&::-webkit-search-cancel-button]:hidden`}
        />
      </div>
      <span
        role="status"
        className="tabular min-w-16 whitespace-nowrap px-1 text-center text-muted text-xs empty:hidden"
      >
        {needle !== "" && count}
      </span>
      <IconButton label="Previous match" disabled={matches.length === 0} onClick={() => search.move(-1)}>
        <ChevronUp aria-hidden className="size-4" />
      </IconButton>
      <IconButton label="Next match" disabled={matches.length === 0} onClick={() => search.move(1)}>
        <ChevronDown aria-hidden className="size-4" />
      </IconButton>
    </div>
  );
}
