// @vitest-environment node
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { pickFromInput } from "@/features/deploy/dropped-files";
import type { Contents } from "@/features/deploy/gather-files";

type Folder = Record<string, string>;

/** As an `<input webkitdirectory>` gives a folder. */
function chosen(folder: Folder): File[] {
  return Object.entries(folder).map(([path, text]) =>
    Object.defineProperty(new File([text], "f"), "webkitRelativePath", { value: `site/${path}` }),
  );
}

async function gathered(folder: Folder, contents: Contents = "source") {
  const picked = await pickFromInput(chosen(folder));
  const { files, skipped } = await picked.gather(contents);
  return { files: files.map(({ path }) => path).sort(), skipped };
}

/** What git itself would track of it. */
function tracked(folder: Folder): string[] {
  const root = mkdtempSync(join(tmpdir(), "shipstack-ignore-"));
  try {
    for (const [path, text] of Object.entries(folder)) {
      mkdirSync(join(root, dirname(path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    const git = (...args: string[]) => execFileSync("git", ["-C", root, "-c", "core.excludesFile=", ...args]);
    git("init", "-q");
    const listed = git("ls-files", "-z", "--others", "--exclude-standard").toString();
    return listed.split("\0").filter(Boolean).sort();
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

const FILES: Folder = Object.fromEntries(
  [
    "a.log",
    "keep.log",
    "logs/x.log",
    "logs/deep/y.log",
    "dist/index.html",
    "src/dist/index.html",
    "src/main.ts",
    "src/main.test.ts",
    "docs/a/b/c.pdf",
    "docs/c.pdf",
    "docs/read me.md",
    "build",
    "packages/one/build/out.js",
    "packages/two/src/build.js",
    "packages/two/#odd",
    "packages/two/!loud",
    "packages/two/star*name",
    "packages/two/[x].js",
    "packages/two/x.js",
    "grüße/ß.txt",
    "trailing ",
    "file1",
    "file2",
    ".env",
    ".env.local",
  ].map((path) => [path, "x"]),
);

const PATTERNS = [
  "*.log",
  "*.log\n!keep.log",
  "/dist",
  "dist/",
  "build/",
  "build",
  "src/*.ts",
  "src/**/*.html",
  "**/build",
  "docs/**",
  "docs/**/c.pdf",
  "docs/*/c.pdf",
  "/docs/**/\n!docs/c.pdf",
  "packages/*/build/",
  "logs\n!logs/x.log",
  "logs/*\n!logs/deep",
  "\\#odd\n\\!loud",
  "star\\*name",
  "[[]x].js",
  "[x].js",
  "file[0-9]",
  "file[!0-9]",
  "file[^12]",
  "file[]1]",
  "file?",
  "trailing\\ ",
  "trailing   ",
  "# a comment\n\n.env*\n!.env.local",
  "foo**log\na**",
  "**",
  "*\n!*/\n!*.ts",
  "/*\n!/src\n!/.gitignore",
  "gr*/ß.txt",
  "a.log\r\nsrc/\r\n",
  "!\n/\n[z-a]\n*.pdf",
  "src/main.ts/",
  "\\",
  "**/**/c.pdf",
  "docs/**/**/c.pdf",
];

it.each(PATTERNS)("sends what git would track: %j", async (patterns) => {
  const folder = { ...FILES, ".gitignore": patterns };
  expect((await gathered(folder)).files).toEqual(tracked(folder));
});

it("sends what git would track where folders have rules of their own", async () => {
  const folder = {
    ...FILES,
    ".gitignore": "*.log\n/packages/one\n",
    "logs/.gitignore": "!x.log\ndeep/\n",
    "packages/two/.gitignore": "/src\n*.js\n!x.js\n",
    "docs/.gitignore": "a/b\n",
  };
  expect((await gathered(folder)).files).toEqual(tracked(folder));
});

it("leaves out what .shipstackignore names, and takes what only it takes back", async () => {
  const folder = {
    ".gitignore": "*.pdf\n",
    ".shipstackignore": "tests\n!shown.pdf\n",
    "shown.pdf": "x",
    "big.pdf": "x",
    "tests/a.ts": "x",
    "src/index.js": "x",
    "node_modules/a.js": "x",
    ".git/HEAD": "x",
    ".shipstack/lock": "x",
  };
  const { files, skipped } = await gathered(folder);
  expect(files).toEqual([".gitignore", ".shipstackignore", "shown.pdf", "src/index.js"]);
  expect(skipped).toEqual([".git", ".shipstack", "big.pdf", "node_modules", "tests"]);
});

it("sends a finished site whole although git ignores it", async () => {
  const folder = { ".gitignore": "*.map\n", "index.html": "x", "app.js.map": "x", ".git/HEAD": "x" };
  expect((await gathered(folder, "site")).files).toEqual([".gitignore", "app.js.map", "index.html"]);
});
