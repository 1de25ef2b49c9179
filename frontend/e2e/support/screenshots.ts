/**
 * Every page in both themes, on a phone, a tablet and a desktop: what axe, the console and the width say of it. With
 * `SHIPSTACK_UPDATE=1` pictures of them become those of the documentation.
 */

import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import sharp from "sharp";
import { AxeBuilder } from "./axe";
import { openPage } from "./browser";

const FOLDER = new URL("../../../deploy/docs/screenshots/", import.meta.url).pathname;
const SIZES = [
  { width: 360, height: 740 },
  { width: 768, height: 1024 },
  { width: 1440, height: 900 },
];

/** Few colours, so that a repository can hold them. */
const SMALL = { palette: true, quality: 92, effort: 10, compressionLevel: 9 } as const;

export interface Shot {
  name: string;
  url: string;
  /** Text that is there when the page is. */
  ready: string | RegExp;
}

/** Looks at them all. Answers what axe, the console and the widths had to say. */
export async function shoot(browser: Browser, shots: readonly Shot[]): Promise<string[]> {
  const complaints: string[] = [];
  for (const viewport of SIZES) {
    const themes = (["dark", "light"] as const).map((theme) => shootAll(browser, shots, viewport, theme));
    complaints.push(...(await Promise.all(themes)).flat());
  }
  return complaints;
}

async function shootAll(
  browser: Browser,
  shots: readonly Shot[],
  viewport: (typeof SIZES)[number],
  colorScheme: "dark" | "light",
): Promise<string[]> {
  const { page, problems } = await openPage(browser, { colorScheme, viewport });
  const complaints: string[] = [];
  for (const { name, url, ready } of shots) {
    const where = `${name}-${viewport.width}-${colorScheme}`;
    await page.goto(url);
    await page.getByText(ready).first().waitFor();
    if (process.env.SHIPSTACK_UPDATE === "1") await keep(page, where);
    const wider = await page.evaluate(
      "document.documentElement.scrollWidth > document.documentElement.clientWidth",
    );
    if (wider) complaints.push(`${where}: wider than the window`);
    complaints.push(...(await new AxeBuilder(page).violations()).map((each) => `${where}: ${each}`));
    // An answer that asks for the token is in the console too.
    complaints.push(...problems.splice(0).filter((problem) => !problem.includes(" 401 ")));
  }
  await page.context().close();
  return complaints;
}

async function keep(page: Page, name: string): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const picture = await page.screenshot({ animations: "disabled", caret: "hide" });
  await sharp(picture)
    .png(SMALL)
    .toFile(join(FOLDER, `${name}.png`));
}
