// Everything comes out as plain files: as an archive that the browser saves, or in a folder that the person chose.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { execFile } from "node:child_process";
import { mkdtemp, open, readFile, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { sha256 } from "./support/app.mjs";
import { launch } from "./support/browser.mjs";
import { writeLarge } from "./support/files.mjs";
import { startServer } from "./support/server.mjs";
import { begin, enter, file } from "./support/story.mjs";

let server, browser, folder;
before(async () => {
  server = await startServer();
  browser = await launch();
  folder = await mkdtemp(join(tmpdir(), "imegha-export-"));
});
after(async () => {
  await browser?.close();
  await server?.remove();
  if (folder) await rm(folder, { recursive: true, force: true });
});

const run = promisify(execFile);

/** An account with a tree: a large file, a small one, one with a name that no disk takes, and an older revision. */
async function start(name) {
  const opened = await begin(browser, server, name, { files: [file("Brief.txt", "Liebe Ada"), file("Notiz.txt", "alt")], folders: ["Fotos"] });
  const { app } = opened;
  await app.choose([file("Notiz.txt", "neu")]);
  await app.at("taken-replace").click();
  await app.transfer("Notiz.txt", "done").waitFor();
  const large = join(folder, `Gross ${name}.bin`);
  await writeLarge(large, 20_000_000);
  await enter(app, "Fotos");
  await app.choose([large]);
  await app.transfer(`Gross ${name}.bin`, "done").waitFor();
  await app.at("transfers-clear").click();
  const show = async () => {
    await app.at("who").click();
    await app.at("export-open").click();
    await app.page.locator("[data-testid=export][data-state=choice]").waitFor();
  };
  return { ...opened, large, show };
}

test("as an archive: tar unpacks all of it, and each file has the SHA-256 that the manifest names", async () => {
  const { app, page, show, large, end } = await start("thea");
  await show();
  await app.at("export-revisions").check();
  const started = page.waitForEvent("download");
  await app.at("export-archive").click();
  const download = await started;
  assert.match(download.suggestedFilename(), /^iMegha \d{4}-\d{2}-\d{2}\.tar$/);
  await page.locator("[data-testid=export][data-state=done]").waitFor({ timeout: 120_000 });
  assert.match(await app.at("export-done").textContent(), /Exported 1 folder and 4 files, .*Every file was verified/);
  assert.equal(await app.at("export-failed").isVisible(), false);
  const [archive, out] = [join(folder, "all.tar"), await mkdtemp(join(folder, "out-"))];
  await download.saveAs(archive);
  await run("tar", ["-xf", archive, "-C", out]);
  assert.equal(await readFile(join(out, "files", "Brief.txt"), "utf8"), "Liebe Ada");
  assert.equal(await readFile(join(out, "files", "Notiz.txt"), "utf8"), "neu");
  assert.equal(await readFile(join(out, "revisions", "Notiz.txt", "1.txt"), "utf8"), "alt");
  assert.equal(await sha256(join(out, "files", "Fotos", "Gross thea.bin")), await sha256(large));
  const lines = (await readFile(join(out, "manifest.jsonl"), "utf8")).trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual([lines[0].kind, lines.at(-1).kind, lines.at(-1).files], ["export", "end", 3]);
  for (const { kind, path, sha256: hash } of lines.filter(({ kind }) => kind === "file" || kind === "revision")) {
    assert.equal(createHash("sha256").update(await readFile(join(out, path))).digest("hex"), hash, `${kind} ${path}`);
  }
  await app.at("export-close").click();
  // Nothing decrypted is left behind in the browser.
  assert.deepEqual(await ownFiles(page), []);
  await end();
});

test("to a folder: a new one in it, nothing in it written over; what is damaged is named and leaves nothing, and everything else is there", async () => {
  const { app, page, show, large, close } = await start("frida");
  // A folder of the origin's own, since no test can press a system's dialog.
  await page.evaluate(() => {
    globalThis.showDirectoryPicker = async () => (await navigator.storage.getDirectory()).getDirectoryHandle("chosen", { create: true });
  });
  await page.evaluate(async () => {
    const chosen = await (await navigator.storage.getDirectory()).getDirectoryHandle("chosen", { create: true });
    await chosen.getDirectoryHandle(`iMegha ${new Date().toISOString().slice(0, 10)}`, { create: true });
  });
  const files = (await readdir(server.data, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const sized = await Promise.all(files.map(async ({ parentPath, name }) => ({ path: join(parentPath, name), ...(await stat(join(parentPath, name))) })));
  const { path, size } = sized.filter(({ size }) => size > 20_000_000).sort((a, b) => b.mtimeMs - a.mtimeMs)[0];
  const object = await open(path, "r+");
  await object.write(Buffer.from("damaged"), 0, 7, size - 20_000);
  await object.close();

  await show();
  await app.at("export-folder").click();
  await page.locator("[data-testid=export][data-state=done]").waitFor({ timeout: 120_000 });
  assert.match(await app.at("export-done").textContent(), /Exported 1 folder and 2 files/);
  assert.match(await app.at("export-failed").textContent(), /1 could not be exported.*Fotos\/Gross frida\.bin/s);
  const day = new Date().toISOString().slice(0, 10);
  const there = await ownFiles(page);
  const inside = `chosen/iMegha ${day} (2)`;
  assert.deepEqual(there.map(({ path }) => path), [`${inside}/files/Brief.txt`, `${inside}/files/Notiz.txt`, `${inside}/manifest.jsonl`]);
  const manifest = there.at(-1).text.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(manifest.filter(({ kind }) => kind === "failed").map(({ cloud_path: path, why }) => [path, why]), [["Fotos/Gross frida.bin", "CannotOpen"]]);
  await rm(large);
  await close();
});

test("stopped half-way, the browser's download breaks: an archive that is not whole never looks whole", async () => {
  const { app, page, context, show, close } = await start("stina");
  await context.route(/\/blobs\//, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await route.continue().catch(() => {});
  });
  await show();
  const started = page.waitForEvent("download");
  await app.at("export-archive").click();
  const download = await started;
  await app.at("export-stop").click();
  await page.locator("[data-testid=export][data-state=choice]").waitFor();
  assert.notEqual(await download.failure(), null);
  await page.waitForTimeout(500);
  assert.deepEqual(await ownFiles(page), []);
  await close();
});

/** The files of the origin's own folder, by their paths; text of small ones. */
function ownFiles(page) {
  return page.evaluate(async () => {
    const found = [];
    const walk = async (folder, above) => {
      for await (const [name, handle] of folder.entries()) {
        const path = above === "" ? name : `${above}/${name}`;
        if (handle.kind === "directory") await walk(handle, path);
        else {
          const file = await handle.getFile();
          found.push({ path, size: file.size, text: file.size < 100_000 ? await file.text() : "" });
        }
      }
    };
    await walk(await navigator.storage.getDirectory(), "");
    return found.sort((a, b) => (a.path < b.path ? -1 : 1));
  });
}
