"use client";

import { Monitor, Moon, Sun } from "lucide-react";
import { useEffect, useState } from "react";
import { classes } from "@/components/classes";
import { applyTheme, readTheme, type Theme } from "./theme";

const CHOICES = [
  { theme: "system", label: "System theme", icon: Monitor },
  { theme: "light", label: "Light theme", icon: Sun },
  { theme: "dark", label: "Dark theme", icon: Moon },
] as const;

export function ThemeSwitch() {
  const [theme, setTheme] = useState<Theme>("system");
  useEffect(() => setTheme(readTheme()), []);
  const choose = (next: Theme) => {
    applyTheme(next);
    setTheme(next);
  };
  return (
    <fieldset className="inline-flex rounded-md border border-line p-0.5">
      <legend className="sr-only">Theme</legend>
      {CHOICES.map(({ theme: each, label, icon: Icon }) => (
        <button
          key={each}
          type="button"
          title={label}
          aria-label={label}
          aria-pressed={theme === each}
          onClick={() => choose(each)}
          className={classes(
            "inline-flex size-7 items-center justify-center rounded-[4px]",
            theme === each ? "bg-sunken text-ink" : "text-muted hover:text-ink",
          )}
        >
          <Icon aria-hidden className="size-3.5" />
        </button>
      ))}
    </fieldset>
  );
}
