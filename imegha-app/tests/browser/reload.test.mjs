// Uploads that outlive their tab: reloaded, closed, locked. What the server has is not sent again, and another file is told apart.

import assert from "node:assert/strict";
import { copyFile, mkdir, mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { sha256 } from "./support/app.mjs";
import { launch } from "./support/browser.mjs";
import { writeLarge } from "./support/files.mjs";
import { startServer } from "./support/server.mjs";
import { PART, anotherTab, begin, deadAfterOnePart, slowly } from "./support/story.mjs";

let server, browser, folder, source;
before(async () => {
  server = await startServer();
  browser = await launch();
  folder = await mkdtemp(join(tmpdir(), "imegha-reload-"));
  source = join(folder, "Lange Reise.bin");
  await writeLarge(source, SIZE);
});
after(async () => {
  await browser?.close();
  await server?.remove();
  if (folder) await rm(folder, { recursive: true, force: true });
});

const SIZE = 45_000_000;
const NAME = "Lange Reise.bin";

const until = async (holds) => {
  for (let tries = 0; tries < 1_200; tries += 1) {
    if (await holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`it did not come to that: ${holds}`);
};

/** Somebody who stays signed in, an upload that two parts have arrived of, and what the server took. */
async function interrupted(name, begun = (app) => app.choose([source])) {
  const opened = await begin(browser, server, name);
  const { app, context, page } = opened;
  context.on("dialog", (dialog) => dialog.accept());
  await app.at("who").click();
  await app.at("stay-signed-in").check();
  await page.waitForFunction(() => localStorage.getItem("imegha-stays") === "1");
  await page.keyboard.press("Escape");
  const taken = [];
  context.on("response", (response) => {
    if (response.request().method() === "PUT" && PART.test(response.url()) && response.ok()) taken.push(response.url());
  });
  await slowly(context, 700);
  await begun(app);
  await until(() => taken.length >= 2);
  await page.reload();
  await app.hydrated();
  await app.transfer(NAME, "interrupted").waitFor();
  return { ...opened, taken };
}

/** The file that is chosen again for an interrupted upload. */
const again = (app, path) => app.transfer(NAME).getByTestId("transfer-again-input").setInputFiles(path);

/** What arrived is what was chosen, once. */
async function arrived(app, path, name = NAME) {
  await app.transfer(name, "done").first().waitFor({ timeout: 120_000 });
  await app.at("transfers-fold").click();
  const download = await app.download(name);
  assert.equal(await sha256(download.path), await sha256(path));
  assert.equal(await app.entry(name).count(), 1);
}

test("the page is reloaded in the middle of an upload: the panel says so, the file is chosen again, and it goes on where it stood", async () => {
  const { app, page, taken, end } = await interrupted("rita");
  const words = await app.transfer(NAME).textContent();
  assert.match(words, /Interrupted at .* of 45 MB\. Choose the file again, and it goes on where it stood\./);
  const before = taken.length;
  await again(app, source);
  await arrived(app, source);
  const sent = taken.map((url) => Number(PART.exec(url)[1]));
  assert.deepEqual([...new Set(sent)].sort(), [1, 2, 3, 4, 5, 6], "all parts");
  // Those that were on their way when the page went are not known to have arrived: two at most, the same bytes.
  assert.ok(sent.length <= 8 && taken.length - before <= 6 - before + 2, `${sent}`);
  assert.equal(new Set(taken.map((url) => url.replace(PART, ""))).size, 1, "all for one object");
  // Nothing is left to go on with.
  await page.reload();
  await app.hydrated();
  await app.entry(NAME).waitFor();
  await page.waitForTimeout(500);
  assert.equal(await app.at("transfer").count(), 0);
  assert.deepEqual(await stored(page), { journals: 0, sources: 0 });
  await end({ lost: true });
});

test("a file that the browser remembers goes on after one press, without being chosen again", async () => {
  const { app, page, taken, end } = await interrupted("hanna", async (app) => {
    await remember(app.page, await readWhole(source));
    await app.at("upload").click();
  });
  assert.match(await app.transfer(NAME).textContent(), /Resume it, and it goes on where it stood\./);
  assert.deepEqual(await stored(page), { journals: 1, sources: 1 });
  await app.transfer(NAME).getByTestId("transfer-again").click();
  await arrived(app, source);
  assert.equal(new Set(taken.map((url) => url.replace(PART, ""))).size, 1, "all for one object");
  assert.deepEqual(await stored(page), { journals: 0, sources: 0 });
  await end({ lost: true });
});

test("another file is told apart: it is uploaded as one of its own, and what was interrupted can be stopped for good", async () => {
  const { app, context, taken, end } = await interrupted("olli");
  const dropped = [];
  context.on("response", (response) => {
    if (response.request().method() === "DELETE" && response.ok()) dropped.push(response.url());
  });
  const another = join(folder, "Etwas anderes.bin");
  await writeLarge(another, 100_000);
  await again(app, another);
  await app.at("toast").filter({ hasText: "another file" }).waitFor();
  await app.transfer("Etwas anderes.bin", "done").waitFor();
  assert.equal(await app.transfer(NAME, "interrupted").count(), 1, "it still waits for its file");
  await app.transfer(NAME).getByTestId("transfer-cancel").click();
  await app.transfer(NAME, "cancelled").waitFor();
  await until(() => dropped.length > 0);
  assert.ok(dropped.some((url) => taken[0].startsWith(url)), "the server let go of its parts");
  assert.deepEqual(await stored(app.page), { journals: 0, sources: 0 });
  await end({ lost: true });
});

test("a file of that name and size that was changed meanwhile is uploaded anew, whole", async () => {
  const changed = join(folder, "changed", NAME);
  await rm(join(folder, "changed"), { recursive: true, force: true });
  await mkdir(join(folder, "changed"));
  await copyFile(source, changed);
  const file = await open(changed, "r+");
  await file.write(Buffer.from("changed"), 0, 7, 100);
  await file.close();
  const { app, taken, end } = await interrupted("cora");
  const before = taken.length;
  await again(app, changed);
  await arrived(app, changed);
  const objects = new Set(taken.map((url) => url.replace(PART, "")));
  assert.equal(objects.size, 2, "under another name, and so another key");
  assert.ok(taken.length - before >= 6, "all of it was sent");
  await end({ lost: true });
});

test("two tabs: what one of them works on, or has paused, is not offered by the other, until that tab is gone", async () => {
  const { app, context, page, end } = await begin(browser, server, "zoe");
  context.on("dialog", (dialog) => dialog.accept());
  await slowly(context, 700);
  await app.choose([source]);
  await app.transfer(NAME, "running").waitFor();
  await page.waitForFunction(() => document.querySelector("[data-testid=transfer] progress").value > 0, null, { timeout: 60_000 });
  await app.transfer(NAME).getByTestId("transfer-pause").click();
  await app.transfer(NAME, "paused").waitFor();
  const second = await anotherTab({ app, context });
  await second.at("empty").waitFor();
  await second.page.waitForTimeout(1_000);
  assert.equal(await second.at("transfer").count(), 0, "it is the other tab's");
  await page.close();
  await second.page.reload();
  await second.hydrated();
  await second.transfer(NAME, "interrupted").waitFor();
  await again(second, source);
  await arrived(second, source);
  await end({ lost: true });
});

test("locked in the middle of an upload: after unlocking it is offered again", async () => {
  const { app, context, who, end } = await begin(browser, server, "lotte");
  await deadAfterOnePart(context);
  await app.choose([source]);
  await app.page.waitForFunction(() => document.querySelector("[data-testid=transfer] progress").value > 0, null, { timeout: 60_000 });
  await app.at("who").click();
  await app.at("lock-now").click();
  await app.at("locked").waitFor();
  await app.at("unlock-password").fill(who.password);
  await app.at("unlock").click();
  await context.unrouteAll();
  await app.transfer(NAME, "interrupted").waitFor({ timeout: 60_000 });
  await again(app, source);
  await arrived(app, source);
  await end({ lost: true });
});

test("who unlocks before the old keys are gone for good gets in", async () => {
  const { app, who, end } = await begin(browser, server, "ruth");
  await app.at("who").click();
  await app.at("lock-now").waitFor();
  // Faster than any worker answers: in the moment in which the field is there.
  await app.page.evaluate(
    (password) =>
      new Promise((resolve) => {
        const at = (id) => document.querySelector(`[data-testid=${id}]`);
        new MutationObserver((_, observer) => {
          if (!at("unlock-password")) return;
          observer.disconnect();
          at("unlock-password").value = password;
          at("unlock-password").dispatchEvent(new Event("input", { bubbles: true }));
          at("unlock").click();
          resolve();
        }).observe(document.body, { childList: true, subtree: true });
        at("lock-now").click();
      }),
    who.password,
  );
  await app.at("empty").waitFor();
  await end();
});

/** How many journals and files this browser remembers. No name of a file and no key stands in a journal as it is kept. */
function stored(page) {
  return page.evaluate(
    (name) =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open("imegha");
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const transaction = opening.result.transaction(["journals", "sources"]);
          const [journals, sources] = ["journals", "sources"].map((table) => transaction.objectStore(table).getAll());
          transaction.oncomplete = () => {
            opening.result.close();
            for (const journal of journals.result) {
              if (new TextDecoder("latin1").decode(journal).includes(name.slice(0, 5))) reject(new Error("a journal names its file"));
            }
            resolve({ journals: journals.result.length, sources: sources.result.length });
          };
        };
      }),
    NAME,
  );
}

async function readWhole(path) {
  return (await readFile(path)).toString("base64");
}

/** A picker that gives a file which the browser finds again: one of the origin's own, since no test can press a system's dialog. */
async function remember(page, base64) {
  await page.evaluate(
    async ([base64, name]) => {
      const root = await navigator.storage.getDirectory();
      const handle = await root.getFileHandle(name, { create: true });
      const writable = await handle.createWritable();
      await writable.write(Uint8Array.fromBase64?.(base64) ?? Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)));
      await writable.close();
      globalThis.showOpenFilePicker = async () => [handle];
    },
    [base64, NAME],
  );
}
