// A folder that is dropped whole: with one in it that is empty, one of 250 files, and a file that cannot be read.

import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { launch } from "./support/browser.mjs";
import { startServer } from "./support/server.mjs";
import { begin, enter, names } from "./support/story.mjs";

let server, browser, folder;
before(async () => {
  server = await startServer();
  browser = await launch();
  folder = await mkdtemp(join(tmpdir(), "imegha-dropped-"));
});
after(async () => {
  await browser?.close();
  await server?.remove();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** Drops what lies on the disk, as the system's own file manager does. */
async function drop(context, page, path) {
  const cdp = await context.newCDPSession(page);
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  for (const type of ["dragEnter", "dragOver", "drop"]) await cdp.send("Input.dispatchDragEvent", { type, x: 640, y: 420, data });
  await cdp.detach();
}

const summary = (app, words) => app.at("transfers-summary").filter({ hasText: words }).waitFor({ timeout: 300_000 });

test("a tree is dropped: all of it is there, what cannot be read is said, and dropped again it can be skipped at one word", { timeout: 900_000 }, async () => {
  const { app, page, context, end } = await begin(browser, server, "ida");
  const root = join(folder, "Umzug");
  await mkdir(join(root, "Leer", "Noch leerer"), { recursive: true });
  await mkdir(join(root, "Viele"));
  for (let index = 1; index <= 250; index += 1) await writeFile(join(root, "Viele", `${index}.txt`), `number ${index}`);
  await writeFile(join(root, "Liste.txt"), "all that moves");
  await writeFile(join(root, "Gesperrt.txt"), "nobody may read this");
  // What a system without the right to read a file answers; this test may be run by who has every right.
  await page.evaluate(() => {
    const entryOf = DataTransferItem.prototype.webkitGetAsEntry;
    DataTransferItem.prototype.webkitGetAsEntry = function () {
      const dropped = entryOf.call(this);
      const readers = Object.getPrototypeOf(dropped.createReader());
      const read = readers.readEntries;
      readers.readEntries = function (take, refuse) {
        const locked = (entry) => entry.name === "Gesperrt.txt" && (entry.file = (_, refuse) => refuse(new DOMException("", "NotReadableError")));
        read.call(this, (entries) => (entries.forEach(locked), take(entries)), refuse);
      };
      DataTransferItem.prototype.webkitGetAsEntry = entryOf;
      return dropped;
    };
  });

  await drop(context, page, root);
  await summary(app, "251 files done, 1 failed");
  await app.transfer("Gesperrt.txt", "failed").waitFor();
  await enter(app, "Umzug");
  await app.entry("Liste.txt").waitFor();
  assert.deepEqual(await names(app), ["Leer", "Viele", "Liste.txt"]);
  await enter(app, "Leer");
  await app.entry("Noch leerer").waitFor();
  await enter(app, "Noch leerer");
  await app.at("empty").waitFor();
  await app.at("crumbs").getByRole("link", { name: "Umzug" }).click();
  await enter(app, "Viele");
  await page.locator('[data-testid=list][data-count="250"]').waitFor();
  await app.at("crumbs").getByRole("link", { name: "My files" }).click();
  await app.entry("Umzug").waitFor();

  // Again: every name is taken, and one word counts for all.
  await app.at("transfers-clear").click();
  await drop(context, page, root);
  await app.at("name-taken").waitFor({ timeout: 60_000 });
  await app.at("taken-rest").check();
  await app.at("taken-skip").click();
  await page.waitForFunction(() => !document.querySelector("[data-testid=transfer]:is([data-state=queued],[data-state=running],[data-state=asking])"), null, { timeout: 300_000 });
  await enter(app, "Umzug");
  await app.entry("Liste.txt").waitFor();
  assert.deepEqual(await names(app), ["Leer", "Viele", "Liste.txt"], "nothing is there twice");
  await enter(app, "Viele");
  await page.locator('[data-testid=list][data-count="250"]').waitFor();
  await end();
});
