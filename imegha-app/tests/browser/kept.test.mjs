// What a browser keeps on its disk of somebody who stays signed in, with an upload that rests and a lock that fell.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, test } from "node:test";

import { launch } from "./support/browser.mjs";
import { writeLarge } from "./support/files.mjs";
import { startServer } from "./support/server.mjs";
import { PART, begin, enter, file, slowly } from "./support/story.mjs";

let server, browser, folder;
before(async () => {
  server = await startServer();
  browser = await launch();
  folder = await mkdtemp(join(tmpdir(), "imegha-kept-"));
});
after(async () => {
  await browser?.close();
  await server?.remove();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** Everything that this origin keeps in the browser, as one text, and all keys in it that a script could take out. */
function everything(page) {
  return page.evaluate(async () => {
    const texts = [];
    const open = [];
    const keys = [];
    const take = async (value) => {
      if (typeof value === "string") texts.push(value);
      else if (value instanceof CryptoKey) {
        keys.push(value.type);
        if (value.extractable || (await crypto.subtle.exportKey("raw", value).then(() => true, () => false))) open.push(value.type);
      } else if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
        const bytes = value instanceof ArrayBuffer ? value : value.buffer;
        for (const encoding of ["utf-8", "utf-16le"]) texts.push(new TextDecoder(encoding).decode(bytes));
      } else if (value instanceof Blob) await take(await value.arrayBuffer());
      else if (value !== null && typeof value === "object") for (const part of value instanceof Map ? [...value].flat() : Object.entries(value).flat()) await take(part);
      else texts.push(String(value));
    };
    const answer = (request) => new Promise((resolve, reject) => ((request.onsuccess = () => resolve(request.result)), (request.onerror = () => reject(request.error))));
    for (const { name } of await indexedDB.databases()) {
      const database = await answer(indexedDB.open(name));
      texts.push(name);
      for (const store of database.objectStoreNames) {
        const objects = database.transaction(store).objectStore(store);
        const [all, allKeys] = await Promise.all([answer(objects.getAll()), answer(objects.getAllKeys())]);
        await take([store, all, allKeys]);
      }
      database.close();
    }
    for (const storage of [localStorage, sessionStorage]) await take({ ...storage });
    const files = async (directory) => {
      for await (const [name, handle] of directory.entries()) {
        texts.push(name);
        if (handle.kind === "directory") await files(handle);
        else await take(await handle.getFile());
      }
    };
    await files(await navigator.storage.getDirectory());
    for (const name of await caches.keys()) {
      for (const request of await (await caches.open(name)).keys()) texts.push(name, request.url);
    }
    await take([document.cookie, location.href, history.state]);
    return { text: texts.join("\n"), keys, open };
  });
}

test("a browser that keeps the keys keeps no name, no text and no password, and no key that a script could take out", async () => {
  const { app, page, context, who, end } = await begin(browser, server, "erika", { files: [file("Testament.txt", "the house goes to the cat")], folders: ["Nachlass"] });
  await app.at("who").click();
  await app.at("stay-signed-in").check();
  await page.waitForFunction(() => localStorage.getItem("imegha-stays") === "1");
  await page.keyboard.press("Escape");
  await app.entry("Testament.txt").click();
  await page.keyboard.press("Enter");
  await app.at("viewer-text").filter({ hasText: "cat" }).waitFor();
  await page.keyboard.press("Escape");
  await enter(app, "Nachlass");
  await app.at("empty").waitFor();
  // An upload that rests has what it needs to go on in the browser.
  const path = join(folder, "Geheimes Tagebuch.bin");
  await writeLarge(path, 30_000_000);
  await slowly(context);
  const first = context.waitForEvent("response", (response) => PART.test(response.url()) && response.ok());
  await app.choose([path]);
  await first;
  await app.transfer(basename(path)).getByTestId("transfer-pause").click();
  await app.transfer(basename(path), "paused").waitFor();

  const secrets = [who.password, who.email, who.tag, "Testament", "Nachlass", "Geheimes Tagebuch", "goes to the cat"];
  const kept = await everything(page);
  for (const secret of secrets) assert.ok(!kept.text.includes(secret), `${secret} is kept in the clear`);
  assert.ok(kept.keys.length > 0, "the control: there is a key");
  assert.deepEqual(kept.open, [], "and none that a script could take out");

  // The control of the search itself: what does stand there is found.
  await page.evaluate(
    (secret) =>
      new Promise((resolve) => {
        const opening = indexedDB.open("control", 1);
        opening.onupgradeneeded = () => opening.result.createObjectStore("words").put({ deep: [new TextEncoder().encode(secret)] }, 1);
        opening.onsuccess = () => (opening.result.close(), resolve());
      }),
    secrets[3],
  );
  assert.ok((await everything(page)).text.includes(secrets[3]));
  await page.evaluate(() => indexedDB.deleteDatabase("control"));

  // Locked: nothing is kept, a reload does not open it, the password does, in the same folder.
  const address = page.url();
  await app.at("transfers-cancel").click();
  await app.at("who").click();
  await app.at("lock-now").click();
  await app.at("locked").waitFor();
  assert.deepEqual((await everything(page)).keys, []);
  assert.equal(page.url(), address);
  await app.at("unlock-password").fill(who.password);
  await app.at("unlock").click();
  await app.at("crumbs").filter({ hasText: "Nachlass" }).waitFor();
  assert.equal(page.url(), address);
  await end();
});

test("after a lock a reload asks for the password, though the browser was told to stay signed in", async () => {
  const { app, page, who, end } = await begin(browser, server, "emil", { folders: ["Ordner"] });
  await app.at("who").click();
  await app.at("stay-signed-in").check();
  await page.waitForFunction(() => localStorage.getItem("imegha-stays") === "1");
  await page.keyboard.press("Escape");
  await enter(app, "Ordner");
  await page.reload();
  await app.at("crumbs").filter({ hasText: "Ordner" }).waitFor();
  await app.at("who").click();
  await app.at("lock-now").click();
  await app.at("locked").waitFor();
  await page.reload();
  await app.at("sign-in-password").or(app.at("unlock-password")).waitFor();
  assert.ok(!(await page.content()).includes("Ordner"), "no name is shown");
  if (await app.at("sign-in-password").isVisible()) {
    await app.at("sign-in-email").fill(who.email);
    await app.at("sign-in-password").fill(who.password);
    await app.at("sign-in").click();
  } else {
    await app.at("unlock-password").fill(who.password);
    await app.at("unlock").click();
  }
  await app.at("crumbs").filter({ hasText: "Ordner" }).waitFor();
  await end();
});
