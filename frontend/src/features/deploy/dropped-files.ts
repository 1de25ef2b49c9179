/** What a person dropped or chose. A chunk of its own: only who has files needs it. */

import { type FolderNode, nodeOfEntry, nodeOfInput } from "./folder-tree";
import { type Contents, type Gathered, gather } from "./gather-files";

export interface PickedFolder {
  kind: "folder";
  name: string;
  /** What would be sent of a source. */
  source: Gathered;
  /** What would be sent; a finished site is gone through only when it is asked for. */
  gather: (contents: Contents) => Promise<Gathered>;
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

export function pickFromInput(files: readonly File[]): Promise<PickedFolder> {
  return pickFolder(nodeOfInput(files));
}

export async function pickFromDrop(entries: readonly FileSystemEntry[]): Promise<Picked | null> {
  const nodes = entries.map(nodeOfEntry);
  const [only] = nodes;
  if (!only) return null;
  if (nodes.length > 1) {
    const name = `${nodes.length} dropped items`;
    return pickFolder({ kind: "folder", name, children: async () => nodes });
  }
  if (only.kind === "folder") return pickFolder(only);
  if (archiveType(only.name)) return pickArchive(await only.file());
  return pickFolder({ kind: "folder", name: only.name, children: async () => nodes });
}

async function pickFolder(root: FolderNode): Promise<PickedFolder> {
  const source = await gather(root, "source");
  const again = async (contents: Contents) => (contents === "source" ? source : gather(root, contents));
  return { kind: "folder", name: root.name, source, gather: again };
}
