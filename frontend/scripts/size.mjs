/**
 * What a first visit loads: every script and stylesheet that a page of the export names, gzipped. Fails above the budget.
 * `noModule` scripts are left out: only browsers that cannot run the rest load them.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const OUT = new URL("../out/", import.meta.url).pathname;
const BUDGET = 180 * 1024;

function pages(folder = OUT) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "_next" ? [] : pages(path);
    return entry.name === "index.html" ? [path] : [];
  });
}

function assets(html) {
  const scripts = [...html.matchAll(/<script[^>]*\ssrc="([^"]+)"[^>]*>/g)]
    .filter(([tag]) => !/\snomodule/i.test(tag))
    .map(([, src]) => src);
  const styles = [...html.matchAll(/<link[^>]*rel="stylesheet"[^>]*>/g)].map(
    ([tag]) => /href="([^"]+)"/.exec(tag)?.[1],
  );
  return new Set([...scripts, ...styles].filter(Boolean).map((url) => url.split("?")[0]));
}

const gzipped = (bytes) => gzipSync(bytes, { level: 9 }).length;

let worst = 0;
for (const page of pages()) {
  const html = readFileSync(page, "utf8");
  const loaded = [...assets(html)].map((url) => gzipped(readFileSync(join(OUT, url))));
  const bytes = loaded.reduce((total, each) => total + each, gzipped(html));
  worst = Math.max(worst, bytes);
  console.log(
    `${(bytes / 1024).toFixed(1).padStart(7)} KiB gzipped  /${page.slice(OUT.length).replace("index.html", "")}`,
  );
}
console.log(`first load: ${(worst / 1024).toFixed(1)} KiB gzipped, budget ${BUDGET / 1024} KiB`);
if (worst === 0 || worst > BUDGET) process.exit(1);
