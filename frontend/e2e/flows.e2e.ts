/** What a person does, in Chromium, on both shapes that shipstack is run in. */

import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { launch, openPage } from "./support/browser";
import { drop } from "./support/drop";
import { fixture } from "./support/fixtures";
import { GitServer } from "./support/git-server";
import { Platform, SHAPES, shapeIsThere } from "./support/platform";
import { freePort, Program } from "./support/programs";
import { type Shot, shoot } from "./support/screenshots";

const FRONTEND = new URL("..", import.meta.url).pathname;
const BUILD = { timeout: 240_000 };

describe.each(SHAPES.filter(shapeIsThere))("a person with a browser, %s", (shape) => {
  let browser: Browser;
  let git: GitServer;
  let server: Platform;
  let folder: string;
  let standalonePort: number;
  let page: Page;
  let problems: string[];
  const seen: Record<string, string> = {};

  beforeAll(async () => {
    standalonePort = await freePort();
    browser = await launch();
    folder = folderToDrop();
    git = await GitServer.start(["vite", "failing", "silent"]);
    server = await Platform.start(shape, {
      SHIPSTACK_ALLOW_PRIVATE_GIT_HOSTS: git.host,
      SHIPSTACK_CORS_ORIGINS: `http://localhost:${standalonePort}`,
    });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    await git?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    ({ page, problems } = await openPage(browser, { viewport: { width: 1440, height: 900 } }));
  });
  afterEach(async () => {
    await page.context().close();
  });

  async function deploy(name: string): Promise<void> {
    await page.goto(server.api);
    await page.getByLabel("Repository URL").fill(git.url(name));
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/deployments\/view\/\?id=/);
    seen[name] = page.url();
  }

  it("pastes a URL, deploys, watches the log and opens a site whose script runs", async () => {
    await deploy("vite");
    await page.getByText("npm run build").first().waitFor(BUILD);
    await page.getByRole("link", { name: "Open site" }).waitFor(BUILD);
    await page.getByText(/^Complete, \d+ lines$/).waitFor();
    const site = page.context().waitForEvent("page");
    await page.getByRole("link", { name: "Open site" }).click();
    const opened = await site;
    await opened.waitForFunction("document.getElementById('app')?.textContent !== 'not running yet'");
    await page.getByRole("tab", { name: /Files/ }).click();
    await page.getByRole("link", { name: "index.html" }).waitFor();
    await page.getByRole("tab", { name: "Plan" }).click();
    await page.getByText("npm@", { exact: false }).first().waitFor();
    expect(problems).toEqual([]);
  }, 180_000);

  it("sees why a build failed and what to do without scrolling", async () => {
    await deploy("failing");
    const failure = page.getByRole("region", { name: "Why it failed" });
    await failure.waitFor(BUILD);
    await failure.getByText("What to do").waitFor();
    const box = await failure.boundingBox();
    expect(box && box.y + box.height).toBeLessThan(900);
    await page.getByText("cannot find the answer").first().waitFor();
  }, 120_000);

  it("cancels in the middle of a build", async () => {
    await deploy("silent");
    await page.getByText("npm run build").first().waitFor(BUILD);
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByText("Cancelled", { exact: true }).first().waitFor(BUILD);
    await page.getByRole("button", { name: "Redeploy" }).waitFor();
  }, 120_000);

  it("drops a folder onto the page and deploys it", async () => {
    await page.goto(server.api);
    // Before it is live, the page does not take what is dropped onto it.
    await page.getByText("Updates: Live").waitFor();
    await drop(page, folder);
    await page.getByText(/^3 files, .*; left out: debug\.log, node_modules$/).waitFor();
    await page.getByRole("button", { name: "Deploy", exact: true }).click();
    await page.getByRole("link", { name: "Open site" }).waitFor(BUILD);
  }, 120_000);

  it("uses the frontend on a port of its own", async () => {
    const [dev] = await Program.start(
      process.execPath,
      ["node_modules/next/dist/bin/next", "dev", "--port", String(standalonePort)],
      { NEXT_PUBLIC_API_URL: server.api, NEXT_TELEMETRY_DISABLED: "1" },
      /Ready in/,
      { cwd: FRONTEND },
    );
    try {
      await page.goto(`http://localhost:${standalonePort}/deployments/`, { timeout: 90_000 });
      await page.getByRole("link", { name: "vite" }).first().waitFor(BUILD);
      const answer = await page.request.get(`${server.api}/livez`);
      expect(answer.ok()).toBe(true);
    } finally {
      await dev.stop();
    }
  }, 180_000);

  // What is left is the page's alone, and the same on both.
  describe.skipIf(shape !== "all in one")("on every page", () => {
    it("is told at the field what is wrong with it", async () => {
      await page.goto(server.api);
      await page.getByLabel("Repository URL").fill("ftp://example.com/a");
      await page.getByRole("button", { name: "Deploy", exact: true }).click();
      await page.getByText("Only http(s) repository URLs are allowed").waitFor();
      expect(await page.getByLabel("Repository URL").getAttribute("aria-invalid")).toBe("true");
      expect(await page.evaluate("document.activeElement?.id")).toBe("repository-url");
    });

    it("goes from page to page by keyboard alone", async () => {
      await page.goto(server.api);
      await page.getByLabel("Repository URL").waitFor();
      // The form has the focus; backwards from it come the sidebar and, first of all, the way past it.
      const order: unknown[] = [];
      for (let step = 0; step < 8; step += 1) {
        await page.keyboard.press("Shift+Tab");
        order.push(await page.evaluate("document.activeElement?.textContent"));
      }
      expect(order).toEqual(expect.arrayContaining(["Settings", "Deployments", "Deploy", "Skip to content"]));
      await page.getByRole("link", { name: "Deployments" }).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { name: "Deployments" }).waitFor();
      await page.getByRole("button", { name: "Failed" }).focus();
      await page.keyboard.press("Enter");
      await page.getByText("failing").first().waitFor();
    });

    it("finds every page in order in both themes and three widths", async () => {
      const shots: Shot[] = [
        { name: "deploy", url: server.api, ready: "failing" },
        { name: "deployments", url: `${server.api}/deployments/`, ready: "failing" },
        { name: "deployed", url: seen.vite ?? "", ready: /^Complete, / },
        { name: "failed", url: seen.failing ?? "", ready: /^Complete, / },
        { name: "settings", url: `${server.api}/settings/`, ready: "Abilities" },
      ];
      expect(await shoot(browser, shots)).toEqual([]);
    });
  });
});

/** A site of two files, beside what nobody means to publish. */
function folderToDrop(): string {
  const folder = mkdtempSync(join(tmpdir(), "shipstack-drop-"));
  cpSync(fixture("static"), folder, { recursive: true });
  mkdirSync(join(folder, "node_modules"));
  for (const name of ["debug.log", "node_modules/a.js"]) writeFileSync(join(folder, name), "x");
  writeFileSync(join(folder, ".gitignore"), "*.log\n");
  return folder;
}
