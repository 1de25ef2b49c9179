/** A server that asks for a token: the way in, and the way out. */

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { launch, openPage } from "./support/browser";
import { Platform, SHAPES, shapeIsThere } from "./support/platform";
import { shoot } from "./support/screenshots";

const TOKEN = "correct-horse-battery-staple";

describe.each(SHAPES.filter(shapeIsThere))("a server that asks for a token, %s", (shape) => {
  let browser: Browser;
  let server: Platform;

  beforeAll(async () => {
    browser = await launch();
    server = await Platform.start(shape, { SHIPSTACK_TOKEN: TOKEN });
  });
  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  it("lets in whoever has it, and out again", async () => {
    const { page } = await openPage(browser, { viewport: { width: 1280, height: 800 } });
    await page.goto(server.api);
    await page.getByLabel("Token").fill("wrong");
    await page.keyboard.press("Enter");
    await page.getByText("This is not the server's token.").waitFor();
    await page.getByLabel("Token").fill(TOKEN);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Deploy a site" }).waitFor();
    await page.reload();
    await page.getByText("Your deployments appear here.").waitFor();
    expect(await page.evaluate("document.cookie")).toBe("");
    await page.getByRole("link", { name: "Settings" }).click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("Token").waitFor();
    await page.context().close();
  });

  it.skipIf(shape !== "all in one")("has a sign-in in order in both themes and three widths", async () => {
    expect(
      await shoot(browser, [{ name: "sign-in", url: server.api, ready: "Sign in to shipstack" }]),
    ).toEqual([]);
  });
});
