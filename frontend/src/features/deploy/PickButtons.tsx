"use client";

import { FileArchive, FolderOpen } from "lucide-react";
import { type ChangeEvent, useRef } from "react";
import { Button } from "@/components/Button";
import type { Picked } from "./dropped-files";

/** For keyboards and for phones: choosing instead of dropping. */
export function PickButtons({ onPick }: { onPick: (picked: Picked) => void }) {
  const folder = useRef<HTMLInputElement>(null);
  const archive = useRef<HTMLInputElement>(null);
  const onFolder = async (event: ChangeEvent<HTMLInputElement>) => {
    const files = taken(event.target);
    const { pickFromInput } = await import("./dropped-files");
    if (files.length > 0) onPick(await pickFromInput(files));
  };
  const onArchive = async (event: ChangeEvent<HTMLInputElement>) => {
    const [file] = taken(event.target);
    const { pickArchive } = await import("./dropped-files");
    if (file) onPick(pickArchive(file));
  };
  return (
    <div className="flex flex-wrap justify-center gap-2">
      <input
        ref={folder}
        type="file"
        hidden
        aria-label="Folder"
        onChange={onFolder}
        {...{ webkitdirectory: "" }}
      />
      <input
        ref={archive}
        type="file"
        hidden
        aria-label="Archive"
        accept=".tar,.tgz,.gz,.zst,.tzst"
        onChange={onArchive}
      />
      <Button onClick={() => folder.current?.click()}>
        <FolderOpen aria-hidden className="size-4" /> Choose a folder
      </Button>
      <Button onClick={() => archive.current?.click()}>
        <FileArchive aria-hidden className="size-4" /> Choose an archive
      </Button>
    </div>
  );
}

/** What was chosen; choosing the same again is a change again. */
function taken(input: HTMLInputElement): File[] {
  const files = [...(input.files ?? [])];
  input.value = "";
  return files;
}
