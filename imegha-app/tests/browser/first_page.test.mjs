// The first page: it comes rendered, it answers, and it asks nobody else for anything.

import assert from "node:assert/strict";
import { test } from "node:test";

import { App } from "./support/app.mjs";
import { openPage } from "./support/browser.mjs";
import { browser, server } from "./support/stage.mjs";

test("the first page is rendered by the server and answers in the browser", async () => {
  const html = await (await fetch(server.origin)).text();
  assert.match(html, /<h1[^>]*>[^<]+/);

  const { page, watch, violations, foreign, close } = await openPage(browser);
  const app = new App(page, server);
  await app.open("/");
  assert.match(await page.title(), /iMegha/);

  // It answers: the theme's button changes something, and a link opens the next page without loading a document.
  const label = await app.at("theme-toggle").getAttribute("aria-label");
  await app.at("theme-toggle").click();
  await page.waitForFunction((before) => document.querySelector("[data-testid=theme-toggle]").ariaLabel !== before, label);
  await page.evaluate(() => (globalThis.__sameDocument = true));
  await app.at("nav-sign-up").click();
  await app.at("email").waitFor();
  assert.equal(await page.evaluate(() => globalThis.__sameDocument), true);

  assert.deepEqual(watch.errors, []);
  assert.deepEqual(await violations(), []);
  assert.deepEqual(foreign(server.origin), []);
  assert.ok(watch.requests.some((url) => url.endsWith("/pkg/imegha_app.js")), "its requests are seen");
  await close();
});

for (const path of ["/", "/sign-up", "/sign-in", "/files", "/people", "/privacy", "/nowhere"]) {
  test(`${path} renders without an error`, async () => {
    const { page, watch, violations, foreign, close } = await openPage(browser);
    const app = new App(page, server);
    const answer = await page.goto(`${server.origin}${path}`);
    await app.hydrated();
    await page.locator("h1").first().waitFor();
    assert.equal(answer.status(), path === "/nowhere" ? 404 : 200);
    const unexpected = watch.errors.filter((text) => path !== "/nowhere" || !/404/.test(text));
    assert.deepEqual(unexpected, []);
    assert.deepEqual(await violations(), []);
    assert.deepEqual(foreign(server.origin), []);
    await close();
  });
}

test("when the page's WASM cannot be loaded, it says so", async () => {
  const { page, context, close } = await openPage(browser);
  await context.route("**/imegha_app_bg.wasm", (route) => route.abort());
  await page.goto(server.origin);
  await page.locator("#boot-failed").waitFor({ state: "visible" });
  await close();
});

test("WASM that is not the one of this build is not run", async () => {
  const { page, context, close } = await openPage(browser);
  await context.route("**/imegha_app_bg.wasm", async (route) => {
    const answer = await route.fetch();
    const body = await answer.body();
    // A custom section at the end: the module stays valid, its hash does not.
    await route.fulfill({ response: answer, headers: { "content-type": "application/wasm" }, body: Buffer.concat([body, Buffer.from([0, 2, 1, 0x61])]) });
  });
  await page.goto(server.origin);
  await page.locator("#boot-failed").waitFor({ state: "visible" });
  assert.equal(await page.evaluate(() => document.documentElement.dataset.hydrated), undefined);
  await close();
});
