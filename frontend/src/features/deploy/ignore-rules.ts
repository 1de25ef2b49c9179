/** What `.gitignore` says (gitignore(5)): one file's patterns, and all those that stand above a path. */

export type Verdict = "ignored" | "kept" | undefined;

interface Rule {
  pattern: RegExp;
  verdict: "ignored" | "kept";
  foldersOnly: boolean;
}

/** One file's patterns, about what is below the folder that it lies in. */
export class IgnoreFile {
  private constructor(
    private readonly folder: string,
    private readonly rules: readonly Rule[],
  ) {}

  /** `folder` is "" or ends with a slash. */
  static parse(folder: string, text: string): IgnoreFile {
    const rules = text
      .replace(/^\uFEFF/, "")
      .split(/\r?\n/)
      .flatMap((line) => ruleOf(line) ?? []);
    // The last that matches decides.
    return new IgnoreFile(folder, rules.reverse());
  }

  verdict(path: string, isFolder: boolean): Verdict {
    const inside = path.slice(this.folder.length);
    const decides = (rule: Rule) => (isFolder || !rule.foldersOnly) && rule.pattern.test(inside);
    return this.rules.find(decides)?.verdict;
  }
}

/** The first that has something to say, from the deepest folder up. */
export function verdictOf(files: readonly IgnoreFile[], path: string, isFolder: boolean): Verdict {
  for (const file of files.toReversed()) {
    const verdict = file.verdict(path, isFolder);
    if (verdict) return verdict;
  }
  return undefined;
}

function ruleOf(line: string): Rule | undefined {
  let text = withoutTrailingSpace(line);
  if (text === "" || text.startsWith("#")) return undefined;
  const verdict = text.startsWith("!") ? "kept" : "ignored";
  if (verdict === "kept") text = text.slice(1);
  const foldersOnly = text.endsWith("/");
  if (foldersOnly) text = text.slice(0, -1);
  if (text === "" || text === "/") return undefined;
  const pattern = patternOf(text);
  return pattern && { pattern, verdict, foldersOnly };
}

/** A space stays after a backslash. */
function withoutTrailingSpace(line: string): string {
  let text = line;
  while (/[ \t]$/.test(text) && !/\\[ \t]$/.test(text)) text = text.slice(0, -1);
  return text;
}

/** Without a slash before its end, a pattern is about a name at any depth. */
function patternOf(text: string): RegExp | undefined {
  const atAnyDepth = !text.includes("/");
  const source = sourceOf(text.replace(/^\//, ""));
  try {
    return new RegExp(`^${atAnyDepth ? "(?:.*/)?" : ""}${source}$`, "su");
  } catch {
    return undefined; // A class like [z-a] matches nothing.
  }
}

const PARTS: [RegExp, (found: RegExpExecArray) => string][] = [
  [/^\*\*\/+/, () => "(?:.*/)?"],
  [/^\/\*\*(?:\/\*\*)*$/, () => "/.+"],
  [/^\/(?:\*\*\/)+/, () => "/(?:.*/)?"],
  [/^\*+/, () => "[^/]*"],
  [/^\?/, () => "[^/]"],
  [/^\[(!|\^)?(\]?(?:\\.|[^\]\\])*)\]/s, ([, not, set = ""]) => `(?!/)[${not ? "^" : ""}${classOf(set)}]`],
  [/^\\(.)/su, ([, char = ""]) => literal(char)],
  [/^./su, ([char]) => literal(char)],
];

function sourceOf(glob: string): string {
  let source = "";
  let rest = glob;
  while (rest !== "") {
    const atStart = rest.length === glob.length;
    for (const [place, [shape, write]] of PARTS.entries()) {
      // `**/` means any folders only where a name begins.
      const found = place === 0 && !atStart ? null : shape.exec(rest);
      if (!found) continue;
      source += write(found);
      rest = rest.slice(found[0].length);
      break;
    }
  }
  return source;
}

const classOf = (set: string) => set.replace(/\\(.)/gs, "$1").replace(/[\\\][^&~|]/g, "\\$&");

const literal = (char: string) => char.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
