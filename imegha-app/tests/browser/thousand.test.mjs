// A thousand files in one folder: it opens, scrolls, sorts, searches and selects without a stutter.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { launch } from "./support/browser.mjs";
import { startServer } from "./support/server.mjs";
import { setting } from "./support/setting.mjs";
import { begin, file, gone, names } from "./support/story.mjs";

const run = promisify(execFile);

let server, browser, folder;
before(async () => {
  server = await startServer();
  browser = await launch();
  folder = await mkdtemp(join(tmpdir(), "imegha-thousand-"));
});
after(async () => {
  await browser?.close();
  await server?.remove();
  if (folder) await rm(folder, { recursive: true, force: true });
});

const COUNT = 1_000;

/** The longest that the page was busy at a stretch while it was scrolled through, in ms. */
async function busiest(page) {
  await page.evaluate(() => {
    globalThis.__busy = 0;
    globalThis.__watch = new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) globalThis.__busy = Math.max(globalThis.__busy, duration);
    });
    globalThis.__watch.observe({ type: "longtask" });
  });
  await page.mouse.move(500, 500);
  for (let step = 0; step < 60; step += 1) await page.mouse.wheel(0, 900);
  for (let step = 0; step < 60; step += 1) await page.mouse.wheel(0, -900);
  return page.evaluate(async () => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    globalThis.__watch.disconnect();
    return globalThis.__busy;
  });
}

test("a thousand files in a folder", { timeout: 900_000 }, async (t) => {
  const { app, page, who, end } = await begin(browser, server, "tausend", { files: [file("Größte.txt", "x".repeat(5_000))] });
  const paths = Array.from({ length: COUNT - 1 }, (_, index) => join(folder, `Datei ${index + 1}.txt`));
  await Promise.all(paths.map((path, index) => writeFile(path, `number ${index + 1}`)));
  const env = { ...process.env, IMEGHA_PASSWORD: who.password };
  await run(setting("IMEGHA_TEST_INTEROP"), ["write", "--origin", server.origin, "--email", who.email, ...paths], { env, timeout: 600_000, maxBuffer: 1 << 24 });

  await app.signIn(who);
  const began = Date.now();
  await page.locator(`[data-testid=list][data-count="${COUNT}"]`).waitFor({ timeout: 90_000 });
  t.diagnostic(`opened ${COUNT} files ${Date.now() - began} ms after signing in was asked for`);
  assert.ok((await app.at("entry").count()) < 200, "only what is near the screen is in the document");

  // The machine does other things too: what counts is the best of three.
  const passes = [];
  for (let pass = 0; pass < 3 && !(passes.at(-1) <= 200); pass += 1) passes.push(await busiest(page));
  t.diagnostic(`longest task while scrolling: ${passes.map(Math.round)} ms`);
  assert.ok(Math.min(...passes) <= 200, `the page was busy for ${passes} ms`);

  await page.mouse.wheel(0, 1_000_000);
  await app.entry(`Datei ${COUNT - 1}.txt`).waitFor();
  await page.mouse.wheel(0, -1_000_000);
  await app.entry("Datei 1.txt").waitFor();
  // Numbers are counted: 2 before 10.
  assert.deepEqual((await names(app)).slice(0, 3), ["Datei 1.txt", "Datei 2.txt", "Datei 3.txt"]);

  await app.at("sort-size").click();
  await app.at("sort-size").click();
  await app.entry("Größte.txt").waitFor();
  assert.equal((await names(app))[0], "Größte.txt");
  await app.at("sort-name").click();

  await app.at("search").fill("datei 99");
  await page.locator('[data-testid=list][data-count="11"]').waitFor();
  await app.at("search-everywhere").click();
  await app.at("search-line").filter({ hasText: "11 items in all folders" }).waitFor();
  await app.at("search-clear").click();

  await app.at("select-all").check({ force: true });
  await app.at("selected").filter({ hasText: `${COUNT} selected` }).waitFor({ state: "attached" });
  await app.at("clear-selection").click();
  await app.entry("Datei 1.txt").click();
  await page.keyboard.press("Shift+End");
  await app.at("selected").filter({ hasText: `${COUNT} selected` }).waitFor({ state: "attached" });
  await page.keyboard.press("Delete");
  await app.at("empty").waitFor({ timeout: 120_000 });
  await app.at("toast").filter({ hasText: `${COUNT} items` }).getByTestId("undo").click();
  await page.locator(`[data-testid=list][data-count="${COUNT}"]`).waitFor({ timeout: 120_000 });
  await gone(app.at("empty"));
  await end();
});
