// Names that somebody chose to do harm: in the list, the dialogs, the title, the transfers, and on the disk of who downloads them.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { test } from "node:test";

import { browser, server } from "./support/stage.mjs";
import { begin, file, fits, makeFolder, names, trash } from "./support/story.mjs";

const RUNS = '"onerror="globalThis.__ran=1';
const HOSTILE = [
  "CON",
  "nul.txt",
  "invoice\u202efdp.exe",
  `<img src=x ${RUNS}>.txt`,
  "<title><script>globalThis.__ran=1<\\script>.txt",
  "👩\u200d👧 Zoë 🎉.txt",
  ".bashrc",
  "C:\\Windows\\win.ini",
  "..\\..\\autoexec.bat",
  "--help",
  "%2e%2e%2fpasswd",
  "javascript:globalThis.__ran=1",
  "__proto__",
  "trailing. . .",
  `${"a".repeat(1_020)}.txt`,
];

/** The page is as harmless as before, whatever names stand in it. */
async function harmless(page, where) {
  assert.equal(await page.evaluate(() => globalThis.__ran), undefined, where);
  assert.doesNotMatch(await page.locator("body").innerText(), /[\u202a-\u202e\u2066-\u2069]/, `${where}: nothing turns the text round`);
  assert.doesNotMatch(await page.title(), /[\u202a-\u202e\u2066-\u2069]/, `${where}: nor the title`);
  await fits(page, where);
}

test("a61: hostile names are harmless wherever they stand, and on the disk of who downloads them", async () => {
  // The list and the dialogs turn red without `shown_name`, the downloads without `download_name`, both in
  // `imegha-app/src/components/file_name.rs`.
  // Not the name: what a text holds, its viewer shows as it is.
  const text = (name) => `text ${HOSTILE.indexOf(name)}`;
  const { app, page, end } = await begin(browser, server, "mallory", { files: HOSTILE.map((name) => file(name, text(name))) });
  await app.choose([file("harmless.txt")]);
  await app.entry("harmless.txt").waitFor();
  assert.deepEqual((await names(app)).sort(), [...HOSTILE, "harmless.txt"].sort(), "the control: each is kept as it is");
  await harmless(page, "the list");

  for (const name of HOSTILE) {
    const download = await app.download(name);
    assert.equal(await readFile(download.path, "utf8"), text(name));
    assert.equal(basename(download.name), download.name, name);
    assert.doesNotMatch(download.name, /[\\/:*?"<>|\u0000-\u001f\u202a-\u202e]|^\.|[. ]$/, name);
    assert.doesNotMatch(download.name, /^(con|nul)(\.|$)/i, name);
    await harmless(page, `the transfer of ${name}`);
    // The panel lies over the last rows.
    await app.at("transfers-clear").click();
  }

  for (const name of HOSTILE.slice(2, 5)) {
    await app.entry(name).click();
    await page.keyboard.press("Enter");
    await page.locator("[data-testid=viewer][data-state=text]").waitFor();
    await harmless(page, `the viewer of ${name}`);
    await page.keyboard.press("Escape");
    await app.entry(name).click();
    await page.keyboard.press("F2");
    await app.at("new-name").waitFor();
    assert.equal(await app.at("new-name").inputValue(), name);
    await page.keyboard.press("Escape");
    await app.entry(name).getByTestId("more").click();
    await harmless(page, `the menu of ${name}`);
    await page.keyboard.press("Escape");
    await trash(app, name);
    await harmless(page, `what was done to ${name}`);
  }
  await app.at("place-trash").click();
  await app.entry(HOSTILE[2]).click();
  await app.at("bar-purge").click();
  await app.at("purge-ask").waitFor();
  await harmless(page, "the question in the trash");
  await app.at("purge-cancel").click();
  await end();
});

test("a61: a folder's name is harmless in its way, its title and the mover; what no system takes is refused in words", async () => {
  const { app, page, end } = await begin(browser, server, "oskar", { files: ["a.txt"] });
  const folder = `<b ${RUNS}>\u202eRechnungen`;
  await makeFolder(app, folder);
  await app.entry("a.txt").click();
  await app.at("bar-move").click();
  await app.page.locator("[data-testid=mover-folder]").click();
  await harmless(page, "the mover");
  await app.at("move-here").click();
  await app.entry(folder).getByTestId("open").click();
  await app.entry("a.txt").waitFor();
  await harmless(page, "the way to the folder");
  await app.at("crumbs").getByRole("link", { name: "My files" }).click();

  for (const name of ["../../.ssh/authorized_keys", "/etc/passwd", "..", "a\u0000b", "x".repeat(1_025)]) {
    await app.at("new-folder").click();
    await app.at("folder-name").fill(name);
    await app.at("create-folder").click();
    await page.locator("[data-testid=folder-name-problem]").filter({ hasText: /cannot be used/i }).waitFor();
    await page.keyboard.press("Escape");
  }
  // A file brings its name with it: no folder, no NUL, nothing too long.
  for (const name of ["a\u0000b.txt", `${"y".repeat(1_021)}.txt`]) {
    await app.choose([file(name)]);
    await page.locator("[data-testid=transfer][data-state=failed]").filter({ hasText: /name/i }).waitFor();
    await app.at("transfers-clear").click();
  }
  await app.choose([file("../../.ssh/authorized_keys", "not a way"), file("after.txt")]);
  await app.entry("after.txt").waitFor();
  await page.waitForFunction(() => !document.querySelector("[data-testid=transfer]:is([data-state=queued],[data-state=running])"));
  for (const name of await names(app)) assert.ok(!name.includes("/") && name !== "..", name);
  await app.entry(folder).waitFor();
  await harmless(page, "at the end");
  await end();
});
