/** A folder of the person's machine as a tree, whichever way the browser got it. */

export interface FileNode {
  kind: "file";
  name: string;
  file: () => Promise<File>;
}

export interface FolderNode {
  kind: "folder";
  name: string;
  children: () => Promise<TreeNode[]>;
}

export type TreeNode = FileNode | FolderNode;

/** What was dropped. */
export function nodeOfEntry(entry: FileSystemEntry): TreeNode {
  const { name } = entry;
  if (entry.isFile) return { kind: "file", name, file: () => fileOf(entry as FileSystemFileEntry) };
  const children = async () => (await childrenOf(entry as FileSystemDirectoryEntry)).map(nodeOfEntry);
  return { kind: "folder", name, children };
}

/** From `<input webkitdirectory>`, whose paths begin with the folder's own name. */
export function nodeOfInput(files: readonly File[]): FolderNode {
  const name = files[0]?.webkitRelativePath.split("/")[0] ?? "folder";
  const paths = files.map((file) => ({ file, names: file.webkitRelativePath.split("/").slice(1) }));
  return folderOf(name, paths);
}

interface Placed {
  file: File;
  names: string[];
}

function folderOf(name: string, placed: readonly Placed[]): FolderNode {
  const nodes = () => {
    const groups = new Map<string, Placed[]>();
    for (const each of placed) {
      const [first = ""] = each.names;
      const group = groups.get(first);
      if (group) group.push(each);
      else groups.set(first, [each]);
    }
    return [...groups].map(([child, inside]): TreeNode => {
      const [only] = inside;
      if (only?.names.length === 1) return { kind: "file", name: child, file: async () => only.file };
      return folderOf(
        child,
        inside.map(({ file, names }) => ({ file, names: names.slice(1) })),
      );
    });
  };
  return { kind: "folder", name, children: async () => nodes() };
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
