/** `884` → `0.9 s`, `75_000` → `1 min 15 s`. */
export function formatDuration(ms: number): string {
  const safe = Math.max(0, ms);
  if (safe < 10_000) return `${(safe / 1000).toFixed(1)} s`;
  const seconds = Math.round(safe / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return parts([Math.floor(seconds / 60), "min"], [seconds % 60, "s"]);
  return parts([Math.floor(seconds / 3600), "h"], [Math.floor((seconds % 3600) / 60), "min"]);
}

function parts(...units: [number, string][]): string {
  return units.flatMap(([count, unit]) => (count > 0 ? `${count} ${unit}` : [])).join(" ");
}

/** Between two times as the server says them; a running one counts to `now`. */
export function durationBetween(startedAt: string, endedAt: string | null | undefined, now: number): number {
  return (endedAt ? Date.parse(endedAt) : now) - Date.parse(startedAt);
}
