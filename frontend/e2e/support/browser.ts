import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { AxeBuilder } from "./axe";

export async function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** Chromium gives up what is under way whenever Docker adds or removes a bridge on its machine; the page asks again. */
const NETWORK_CHANGED = "net::ERR_NETWORK_CHANGED";

/** A page that collects what went wrong in it. */
export async function openPage(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<{ page: Page; problems: string[] }> {
  const context = await browser.newContext({ reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    if (message.type() !== "error" || message.text().includes(NETWORK_CHANGED)) return;
    problems.push(`${message.text()} ${message.location().url}`);
  });
  return { page, problems };
}

export { AxeBuilder };
