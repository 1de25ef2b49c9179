import type { Fact } from "@/components/Facts";
import { formatBytes } from "@/format/bytes";
import { formatDuration } from "@/format/duration";

/** The server's limits with their units, which end their names: `…Bytes`, `…Ms`. */
export function limitFacts(limits: Readonly<Record<string, unknown>>): Fact[] {
  return Object.entries(limits).map(([name, value]) => ({ name: words(name), value: figure(name, value) }));
}

function figure(name: string, value: unknown): string {
  if (typeof value !== "number") return String(value);
  if (/bytes$/i.test(name)) return formatBytes(value);
  if (/Ms$/.test(name)) return formatDuration(value);
  return value.toLocaleString("en");
}

/** `sourceMaxBytes` → `Source max`. */
function words(name: string): string {
  const plain = name
    .replace(/(Bytes|Ms)$/, "")
    .replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`)
    .trim();
  return plain.charAt(0).toUpperCase() + plain.slice(1);
}
