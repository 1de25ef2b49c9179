/** What a person dropped or chose, as the files of a folder. */

import type { TarFile } from "./tar";

/** Never part of a source: the first is installed by the build, the second is history. */
const LEFT_OUT = new Set(["node_modules", ".git"]);

export interface PickedFolder {
  kind: "folder";
  name: string;
  files: TarFile[];
  bytes: number;
  /** Folders that were left out. */
  skipped: string[];
}

export interface PickedArchive {
  kind: "archive";
  name: string;
  file: File;
  bytes: number;
  contentType: string;
}

export type Picked = PickedFolder | PickedArchive;

const ARCHIVES: [RegExp, string][] = [
  [/\.tar$/i, "application/x-tar"],
  [/\.(tgz|tar\.gz)$/i, "application/gzip"],
  [/\.(tzst|tar\.zst)$/i, "application/zstd"],
];

export function archiveType(name: string): string | undefined {
  return ARCHIVES.find(([pattern]) => pattern.test(name))?.[1];
}

export function pickArchive(file: File): PickedArchive {
  // The server looks at the first bytes of what has no type of its own.
  const contentType = archiveType(file.name) ?? "application/octet-stream";
  return { kind: "archive", name: file.name, file, bytes: file.size, contentType };
}

/** From `<input webkitdirectory>`, whose paths begin with the folder's own name. */
export function pickFromInput(files: readonly File[]): PickedFolder {
  const name = files[0]?.webkitRelativePath.split("/")[0] ?? "folder";
  const collected = new Collected();
  for (const file of files) {
    const segments = file.webkitRelativePath.split("/").slice(1);
    const out = segments.findIndex((segment) => LEFT_OUT.has(segment));
    if (out >= 0) collected.skip(segments.slice(0, out + 1).join("/"));
    else collected.add(segments.join("/"), file);
  }
  return collected.folder(name);
}

/** From a drop. Has to be called within the drop event: its items are gone afterwards. */
export async function pickFromDrop(items: DataTransferItemList): Promise<Picked | null> {
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  const [only] = entries;
  if (!only) return null;
  if (entries.length === 1 && only.isFile && archiveType(only.name)) {
    return pickArchive(await fileOf(only as FileSystemFileEntry));
  }
  const collected = new Collected();
  const single = entries.length === 1 && only.isDirectory;
  const roots = single ? await childrenOf(only as FileSystemDirectoryEntry) : entries;
  for (const root of roots) await walk(root, "", collected);
  return collected.folder(single ? only.name : `${entries.length} dropped items`);
}

class Collected {
  private readonly files: TarFile[] = [];
  private readonly skipped = new Set<string>();
  private bytes = 0;

  add(path: string, content: File): void {
    this.files.push({ path, content });
    this.bytes += content.size;
  }

  skip(path: string): void {
    this.skipped.add(path);
  }

  folder(name: string): PickedFolder {
    return { kind: "folder", name, files: this.files, bytes: this.bytes, skipped: [...this.skipped] };
  }
}

async function walk(entry: FileSystemEntry, above: string, collected: Collected): Promise<void> {
  const path = above + entry.name;
  if (LEFT_OUT.has(entry.name)) return collected.skip(path);
  if (entry.isFile) return collected.add(path, await fileOf(entry as FileSystemFileEntry));
  for (const child of await childrenOf(entry as FileSystemDirectoryEntry))
    await walk(child, `${path}/`, collected);
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject));
}

/** A reader gives its entries in pieces, and an empty one at the end. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const all: FileSystemEntry[] = [];
  for (;;) {
    const piece = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (piece.length === 0) return all;
    all.push(...piece);
  }
}
