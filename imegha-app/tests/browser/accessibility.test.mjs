// axe-core's rules of WCAG 2.2 AA, on each page, light and dark.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

import { App, person } from "./support/app.mjs";
import { launch, openPage } from "./support/browser.mjs";
import { startServer } from "./support/server.mjs";

let server, browser, axe;
const who = person("klara");
before(async () => {
  server = await startServer();
  browser = await launch();
  axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
});
after(async () => {
  await browser?.close();
  await server?.remove();
});

/** What axe finds wrong, a line each. */
async function check(page) {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    const { violations } = await globalThis.axe.run(document, { runOnly: tags });
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 120)}: ${node.failureSummary}`));
  });
}

test("axe finds what is wrong on a page that is wrong", async () => {
  const { page, close } = await openPage(browser);
  await page.setContent('<html lang="en"><title>t</title><main><img src="x"><p style="color:#ccc;background:#fff">faint</p></main>');
  const found = await check(page);
  assert.ok(found.some((line) => line.startsWith("image-alt")) && found.some((line) => line.startsWith("color-contrast")));
  await close();
});

for (const colorScheme of ["light", "dark"]) {
  test(`public pages, ${colorScheme}`, async () => {
    // The policy of the pages would not let axe in.
    const { page, close } = await openPage(browser, { colorScheme, bypassCSP: true });
    const app = new App(page, server);
    for (const path of ["/", "/sign-in", "/sign-up", "/privacy", "/nowhere"]) {
      await app.open(path);
      assert.deepEqual(await check(page), [], path);
    }
    await close();
  });
}

test("the way from signing up to the files", async () => {
  const { page, close } = await openPage(browser, { bypassCSP: true, viewport: { width: 390, height: 844 } });
  const app = new App(page, server);
  await app.begin(who);
  await app.at("phrase-word").nth(23).waitFor();
  assert.deepEqual(await check(page), [], "phrase");
  await app.keepPhrase();
  assert.deepEqual(await check(page), [], "code");
  await app.at("code").fill(await server.code(who.email));
  await app.at("confirm").click();
  await app.at("empty").waitFor();
  assert.deepEqual(await check(page), [], "empty");
  await app.at("upload-input").setInputFiles({ name: "a file.txt", mimeType: "text/plain", buffer: Buffer.from("text") });
  await app.entry("a file.txt").waitFor();
  assert.deepEqual(await check(page), [], "list");
  await close();
});
