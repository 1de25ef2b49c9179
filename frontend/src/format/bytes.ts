const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"] as const;

/** `48213` → `47.1 KiB`: binary units, as the server's own messages use them. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}
