// Two tabs of one browser, and another device: what one does the others show, and both write at once.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { launch } from "./support/browser.mjs";
import { startServer } from "./support/server.mjs";
import { setting } from "./support/setting.mjs";
import { anotherTab, begin, enter, file, gone, moveTo, names, rename, trash } from "./support/story.mjs";

const run = promisify(execFile);

let server, browser, folder;
before(async () => {
  server = await startServer();
  browser = await launch();
  folder = await mkdtemp(join(tmpdir(), "imegha-tabs-"));
});
after(async () => {
  await browser?.close();
  await server?.remove();
  if (folder) await rm(folder, { recursive: true, force: true });
});

test("what one tab renames, moves, deletes and makes, the other shows without a reload", async () => {
  const opened = await begin(browser, server, "zita", { files: ["Eins.txt", "Zwei.txt", "Drei.txt"], folders: ["Ordner"] });
  const { app, end } = opened;
  const tab = await anotherTab(opened);
  await tab.entry("Eins.txt").waitFor();
  await tab.page.evaluate(() => (globalThis.__same = true));

  await rename(app, "Eins.txt", "Anders.txt");
  await tab.entry("Anders.txt").waitFor();
  await gone(tab.entry("Eins.txt"));
  await moveTo(tab, "Zwei.txt", "Ordner");
  await gone(app.entry("Zwei.txt"));
  await trash(app, "Drei.txt");
  await gone(tab.entry("Drei.txt"));
  await enter(tab, "Ordner");
  await tab.entry("Zwei.txt").waitFor();
  // In the folder that the other one looks at.
  await enter(app, "Ordner");
  // A file chosen before the folder is open has nowhere to go.
  await app.entry("Zwei.txt").waitFor();
  await app.choose([file("Vier.txt")]);
  await tab.entry("Vier.txt").waitFor();
  await tab.at("place-trash").click();
  await tab.entry("Drei.txt").click();
  await tab.at("bar-restore").click();
  await tab.at("trash-empty").waitFor();
  await app.at("place-files").click();
  await app.entry("Drei.txt").waitFor();
  assert.equal(await tab.page.evaluate(() => globalThis.__same), true, "it was not loaded again");
  await end();
});

test("both tabs write at once: all of it is there, and both show the same", async () => {
  const opened = await begin(browser, server, "xaver", { files: ["Anfang.txt"] });
  const { app, end } = opened;
  const tab = await anotherTab(opened);
  await tab.entry("Anfang.txt").waitFor();
  const of = (letter) => Array.from({ length: 8 }, (_, index) => file(`${letter}${index}.txt`, `${letter} ${index}`));
  await Promise.all([app.choose(of("a")), tab.choose(of("b"))]);
  const wanted = ["Anfang.txt", ...of("a"), ...of("b")].map((one) => one.name ?? one).sort();
  for (const each of [app, tab]) {
    await each.page.waitForFunction((count) => document.querySelectorAll("[data-testid=entry]").length === count, wanted.length, { timeout: 90_000 });
    assert.deepEqual((await names(each)).sort(), wanted);
    assert.equal(await each.page.locator("[data-testid=transfer]:not([data-state=done])").count(), 0);
  }
  // The same name at the same moment: either one of them was faster and the other is asked, or both are stored and the second is
  // shown under another name. No text is lost.
  await Promise.all([app.choose([file("Gleich.txt", "of the first")]), tab.choose([file("Gleich.txt", "of the second")])]);
  for (const each of [app, tab]) {
    const second = each.entry("Gleich (2).txt");
    await each.at("name-taken").or(second).first().waitFor();
    if (await each.at("name-taken").isVisible()) await each.at("taken-keep-both").click();
  }
  for (const each of [app, tab]) {
    await each.entry("Gleich (2).txt").waitFor();
    await each.at("transfers-clear").click();
    const texts = [];
    for (const name of ["Gleich.txt", "Gleich (2).txt"]) texts.push(await readFile((await each.download(name)).path, "utf8"));
    assert.deepEqual(texts.sort(), ["of the first", "of the second"]);
  }
  await end();
});

test("another device writes: it appears on the screen by itself", async () => {
  const { app, page, who, end } = await begin(browser, server, "yvo", { files: ["Da.txt"] });
  const path = join(folder, "Von anderswo.txt");
  await writeFile(path, "written by the SDK on another device");
  const env = { ...process.env, IMEGHA_PASSWORD: who.password };
  await run(setting("IMEGHA_TEST_INTEROP"), ["write", "--origin", server.origin, "--email", who.email, path], { env, timeout: 120_000 });
  // The page looks every half minute while it can be seen.
  await app.entry("Von anderswo.txt").waitFor({ timeout: 60_000 });
  assert.deepEqual((await names(app)).sort(), ["Da.txt", "Von anderswo.txt"]);
  assert.equal(await page.getByTestId("failure").filter({ hasText: /\S/ }).count(), 0);
  await end();
});
