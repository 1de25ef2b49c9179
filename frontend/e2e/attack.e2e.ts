/**
 * A site that was really deployed here attacks the API, in every way that a page has, while its visitor has the dashboard
 * open: nothing can be read, nothing is created, cancelled or deleted, and the dashboard is in no frame.
 */

import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BlindProxy } from "./support/blind-proxy";
import { launch } from "./support/browser";
import { Client } from "./support/client";
import { GitServer } from "./support/git-server";
import { Platform, SHAPES, shapeIsThere } from "./support/platform";

const SITE = new URL("attack/", import.meta.url).pathname;
const TOKEN = "correct-horse-battery-staple";
const CALLERS = [
  { callers: "where everybody on the machine may call", token: undefined },
  { callers: "where the visitor is signed in", token: TOKEN },
];
const CASES = SHAPES.filter(shapeIsThere).flatMap((shape) => CALLERS.map((who) => ({ shape, ...who })));

interface Report {
  tried: string[];
  read: string[];
}

describe.each(CASES)("a hostile site, $shape, $callers", ({ shape, token }) => {
  // That the attack would be seen is shown once: the proxy is ours, whatever stands behind it.
  const isFirst = shape === CASES[0]?.shape && !token;
  let browser: Browser;
  let git: GitServer;
  let server: Platform;
  let client: Client;
  let context: BrowserContext;
  let dashboard: Page;
  let folder: string;
  let site: string;
  let running: string;

  beforeAll(async () => {
    browser = await launch();
    git = await GitServer.start(["silent"]);
    server = await Platform.start(shape, {
      SHIPSTACK_ALLOW_PRIVATE_GIT_HOSTS: git.host,
      ...(token && { SHIPSTACK_TOKEN: token }),
    });
    client = new Client(server.api, token);
    folder = mkdtempSync(join(tmpdir(), "shipstack-attack-"));
    cpSync(SITE, folder, { recursive: true });
    site = await client.deployFolder(folder, { finished: true });
    running = await client.deployGit(git.url("silent"));
    await client.reaches(site, ({ status }) => status === "deployed");
    await client.reaches(running, ({ phase }) => phase === "building");
    context = await browser.newContext();
    dashboard = await context.newPage();
    await open(dashboard);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
    await git?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  });

  /** The visitor's dashboard, signed in where that is asked for. */
  async function open(page: Page): Promise<void> {
    await page.goto(server.api);
    if (token) {
      await page.getByLabel("Token").fill(token);
      await page.keyboard.press("Enter");
    }
    await page.getByRole("heading", { name: "Deploy a site" }).waitFor();
  }

  async function attack(api: string, more: object = {}): Promise<{ page: Page; report: Report }> {
    const aims = { api, running, deployed: site, git: git.url("silent"), ...more };
    const page = await context.newPage();
    const address = `http://${site}.localhost:${server.servePort}/`;
    await page.goto(`${address}#${encodeURIComponent(JSON.stringify(aims))}`);
    await page.getByText(/^tried \d+ ways$/).waitFor({ timeout: 240_000 });
    return { page, report: (await page.evaluate("window.report")) as Report };
  }

  it("reads nothing, changes nothing and frames nothing", async () => {
    const before = await client.state();
    const { page, report } = await attack(server.api);
    console.log(`the site tried ${report.tried.length} ways`);
    expect(report.tried.length).toBeGreaterThan(300);
    expect(report.read).toEqual([]);
    expect(await client.state()).toEqual(before);
    const frames = page.frames().slice(1);
    const framed = await Promise.all(frames.map((frame) => frame.getByText("Deploy a site").count()));
    expect(framed.length).toBeGreaterThan(10);
    expect(framed.filter((count) => count > 0)).toEqual([]);
    await dashboard.reload();
    await dashboard.getByRole("heading", { name: "Deploy a site" }).waitFor();
    await page.close();
  });

  it.runIf(isFirst)("reads from a server that cannot see who calls, and does harm to it", async () => {
    const proxy = await BlindProxy.start(server.api);
    const before = await client.state();
    const { page, report } = await attack(proxy.url, { harmOnly: true });
    expect(report.read.length).toBeGreaterThan(0);
    const after = await client.state();
    expect(after.length).toBeGreaterThan(before.length);
    expect((await client.deployment(running)).status).toBe("cancelled");
    await page.close();
    await proxy.stop();
  });
});
