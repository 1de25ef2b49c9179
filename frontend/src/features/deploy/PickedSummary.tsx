"use client";

import { useEffect, useState } from "react";
import { formatBytes } from "@/format/bytes";
import type { Picked } from "./dropped-files";
import type { Gathered } from "./gather-files";

const NAMED = 3;

/** How much would be sent, and what was left out of it. */
export function PickedSummary({ picked, prebuilt }: { picked: Picked; prebuilt: boolean }) {
  const gathered = useGathered(picked, prebuilt);
  const text = picked.kind === "archive" ? formatBytes(picked.bytes) : gathered && summary(gathered);
  return (
    <p className="tabular break-words text-muted text-xs" title={gathered?.skipped.slice(0, 50).join("\n")}>
      {text ?? "Looking through the folder…"}
    </p>
  );
}

function useGathered(picked: Picked, prebuilt: boolean): Gathered | null {
  const [gathered, setGathered] = useState<Gathered | null>(picked.kind === "folder" ? picked.source : null);
  useEffect(() => {
    if (picked.kind !== "folder") return;
    let current = true;
    setGathered(prebuilt ? null : picked.source);
    void picked.gather(prebuilt ? "site" : "source").then((found) => current && setGathered(found));
    return () => {
      current = false;
    };
  }, [picked, prebuilt]);
  return gathered;
}

function summary({ files, bytes, skipped }: Gathered): string {
  const sent = `${files.length.toLocaleString("en")} ${files.length === 1 ? "file" : "files"}, ${formatBytes(bytes)}`;
  if (skipped.length === 0) return sent;
  const more = skipped.length > NAMED ? ` and ${(skipped.length - NAMED).toLocaleString("en")} more` : "";
  return `${sent}; left out: ${skipped.slice(0, NAMED).join(", ")}${more}`;
}
