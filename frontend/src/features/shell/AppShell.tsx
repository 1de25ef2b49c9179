import Link from "next/link";
import type { ReactNode } from "react";
import { Mark } from "@/components/Mark";
import { ConnectionNote } from "@/features/live/ConnectionNote";
import { LiveProvider } from "@/features/live/LiveProvider";
import { NavLinks } from "./NavLinks";
import { ThemeSwitch } from "./ThemeSwitch";

/** Brand, places, the page. */
export function AppShell({ children }: { children: ReactNode }) {
  return (
    <LiveProvider>
      <a
        href="#main"
        className="sr-only z-50 rounded-md bg-accent-solid px-3 py-2 text-on-accent focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        Skip to content
      </a>
      <div className="lg:grid lg:min-h-dvh lg:grid-cols-[13.5rem_minmax(0,1fr)]">
        <header className="border-line border-b bg-raised lg:border-r lg:border-b-0">
          <div className="flex flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2 lg:sticky lg:top-0 lg:h-dvh lg:flex-col lg:flex-nowrap lg:items-stretch lg:gap-5 lg:px-3 lg:py-4">
            <Link
              href="/"
              className="flex h-9 items-center gap-2 rounded-md px-2 font-semibold tracking-tight"
            >
              <Mark className="size-5 text-accent-text" />
              shipstack
            </Link>
            <nav
              aria-label="Main"
              className="order-last -mx-1 w-full overflow-x-auto px-1 py-1 sm:order-none sm:w-auto lg:w-full"
            >
              <NavLinks />
            </nav>
            <div className="ml-auto flex items-center gap-3 lg:mt-auto lg:ml-0 lg:justify-between lg:px-2">
              <ConnectionNote />
              <ThemeSwitch />
            </div>
          </div>
        </header>
        <main
          id="main"
          tabIndex={-1}
          className="mx-auto w-full min-w-0 max-w-[76rem] px-4 py-6 outline-none sm:px-6 lg:px-10 lg:py-9"
        >
          {children}
        </main>
      </div>
    </LiveProvider>
  );
}
