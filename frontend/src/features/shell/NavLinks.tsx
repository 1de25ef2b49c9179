"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import { classes } from "@/components/classes";
import { isCurrent, PLACES } from "./navigation";

/** The places: a column beside wide pages, a row above narrow ones. */
export function NavLinks() {
  const path = usePathname();
  return (
    <ul className="flex gap-1 lg:flex-col lg:gap-0.5">
      {PLACES.map((place) => {
        const current = isCurrent(place, path);
        const Icon = place.icon;
        return (
          <li key={place.href}>
            <Link
              href={place.href}
              aria-current={current ? "page" : undefined}
              className={classes(
                "flex h-9 items-center gap-2.5 whitespace-nowrap rounded-md px-2.5 font-medium text-sm transition-colors",
                current ? "bg-sunken text-ink" : "text-muted hover:bg-sunken hover:text-ink",
              )}
            >
              <Icon aria-hidden className={classes("size-4", current && "text-accent-text")} />
              {place.label}
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
