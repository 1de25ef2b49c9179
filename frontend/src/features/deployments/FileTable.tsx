"use client";

import { Download } from "lucide-react";
import { useState } from "react";
import { fileUrl } from "@/api/deployments";
import type { ManifestEntry } from "@/api/types";
import { Button } from "@/components/Button";
import { formatBytes } from "@/format/bytes";

/** Rows shown at first; sites have tens of thousands of files. */
const FIRST_ROWS = 200;

export function FileTable({ id, entries }: { id: string; entries: readonly ManifestEntry[] }) {
  const [most, setMost] = useState(FIRST_ROWS);
  return (
    <div className="overflow-hidden rounded-lg border border-line bg-raised">
      <table className="w-full table-fixed text-sm">
        <thead>
          <tr className="border-line border-b text-left text-muted text-xs">
            <th className="px-4 py-2 font-medium">Path</th>
            <th className="hidden w-48 px-4 py-2 font-medium md:table-cell">Type</th>
            <th className="w-24 px-4 py-2 text-right font-medium">Size</th>
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {entries.slice(0, most).map((entry) => (
            <tr key={entry.path} className="hover:bg-sunken">
              <td className="truncate px-4 py-2 font-mono text-xs" title={entry.path}>
                <a
                  href={fileUrl(id, entry.path)}
                  download
                  className="inline-flex max-w-full items-center gap-2 hover:text-accent-text"
                >
                  <Download aria-hidden className="size-3.5 shrink-0 text-muted" />
                  <span className="truncate">{entry.path}</span>
                </a>
              </td>
              <td className="hidden truncate px-4 py-2 text-muted text-xs md:table-cell">
                {entry.contentType}
              </td>
              <td className="tabular whitespace-nowrap px-4 py-2 text-right text-muted text-xs">
                {formatBytes(entry.bytes)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {entries.length > most && (
        <div className="flex justify-center border-line border-t p-3">
          <Button size="sm" onClick={() => setMost(most * 4)}>
            Show more of {entries.length} files
          </Button>
        </div>
      )}
    </div>
  );
}
