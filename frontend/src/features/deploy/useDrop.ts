"use client";

import { useEffect, useState } from "react";
import type { Picked } from "./dropped-files";

/** Takes files that are dropped anywhere on the page. Answers whether some are held over it. */
export function useDrop(onPick: (picked: Picked) => void): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    // Entering a child comes before leaving its parent, so depth tells whether the page itself was left.
    let depth = 0;
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const turn = (by: 1 | -1) => (event: DragEvent) => {
      if (!hasFiles(event)) return;
      depth += by;
      setOver(depth > 0);
    };
    const onOver = (event: DragEvent) => {
      if (hasFiles(event)) event.preventDefault();
    };
    const onDrop = (event: DragEvent) => {
      if (!hasFiles(event) || !event.dataTransfer) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      void pick(event.dataTransfer.items).then((picked) => picked && onPick(picked));
    };
    const [onEnter, onLeave] = [turn(1), turn(-1)];
    document.addEventListener("dragenter", onEnter);
    document.addEventListener("dragleave", onLeave);
    document.addEventListener("dragover", onOver);
    document.addEventListener("drop", onDrop);
    return () => {
      document.removeEventListener("dragenter", onEnter);
      document.removeEventListener("dragleave", onLeave);
      document.removeEventListener("dragover", onOver);
      document.removeEventListener("drop", onDrop);
    };
  }, [onPick]);
  return over;
}

/** The items are gone after the event, so what they stand for is asked for within it. */
async function pick(items: DataTransferItemList): Promise<Picked | null> {
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const { pickFromDrop } = await import("./dropped-files");
  return pickFromDrop(entries);
}
