/**
 * Which files of a folder are sent: the same ones as `shipstack deploy` packs. Of a source, what git would track and what
 * `.shipstackignore` does not leave out; of a finished site, which git mostly ignores, all of it.
 */

import type { FolderNode, TreeNode } from "./folder-tree";
import { IgnoreFile, type Verdict, verdictOf } from "./ignore-rules";
import type { TarFile } from "./tar";

export type Contents = "source" | "site";

export interface Gathered {
  files: TarFile[];
  bytes: number;
  /** What was left out, a folder once and not with all that it holds. */
  skipped: string[];
}

/** History, and shipstack's own data folder. */
const NEVER = [".git", ".shipstack"];
/** What an install makes again. */
const INSTALLED = "node_modules";
/** In the order in which they are asked. */
const IGNORE_FILES = [".shipstackignore", ".ignore", ".gitignore"] as const;

/** For each kind of ignore file, those of the folders on the way, outermost first. */
type Rules = readonly (readonly IgnoreFile[])[];

export async function gather(root: FolderNode, contents: Contents): Promise<Gathered> {
  const gathered: Gathered = { files: [], bytes: 0, skipped: [] };
  const rules = contents === "site" ? [] : IGNORE_FILES.map(() => []);
  await walk(await root.children(), { above: "", rules, contents, gathered });
  return gathered;
}

interface Walk {
  above: string;
  rules: Rules;
  contents: Contents;
  gathered: Gathered;
}

async function walk(children: readonly TreeNode[], at: Walk): Promise<void> {
  const rules = await withOwnRules(children, at);
  const inOrder = [...children].sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const node of inOrder) {
    const path = at.above + node.name;
    if (isLeftOut(node, path, { ...at, rules })) at.gathered.skipped.push(path);
    else if (node.kind === "folder") await walk(await node.children(), { ...at, above: `${path}/`, rules });
    else add(at.gathered, path, await node.file());
  }
}

function add(gathered: Gathered, path: string, content: File): void {
  gathered.files.push({ path, content });
  gathered.bytes += content.size;
}

function isLeftOut(node: TreeNode, path: string, { rules, contents }: Walk): boolean {
  if (NEVER.includes(node.name)) return true;
  if (contents === "source" && node.name === INSTALLED) return true;
  let verdict: Verdict;
  for (const files of rules) verdict ??= verdictOf(files, path, node.kind === "folder");
  return verdict === "ignored";
}

async function withOwnRules(children: readonly TreeNode[], { above, rules }: Walk): Promise<Rules> {
  return Promise.all(
    rules.map(async (files, kind) => {
      const own = children.find((node) => node.name === IGNORE_FILES[kind] && node.kind === "file");
      if (own?.kind !== "file") return files;
      return [...files, IgnoreFile.parse(above, await (await own.file()).text())];
    }),
  );
}
