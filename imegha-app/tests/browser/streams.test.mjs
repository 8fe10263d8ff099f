// Files that are larger than what may be held: saved while they are opened, verified to the last chunk, and never as a part of them.
// The service worker that has the browser save them answers nobody else.

import assert from "node:assert/strict";
import { mkdtemp, open, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { sha256 } from "./support/app.mjs";
import { launch } from "./support/browser.mjs";
import { writeLarge } from "./support/files.mjs";
import { peaks } from "./support/memory.mjs";
import { startServer } from "./support/server.mjs";
import { anotherTab, begin } from "./support/story.mjs";

let server, browser, folder;
before(async () => {
  server = await startServer();
  browser = await launch();
  folder = await mkdtemp(join(tmpdir(), "imegha-streams-"));
});
after(async () => {
  await browser?.close();
  await server?.remove();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** What is larger is streamed: `MOST_IN_MEMORY` of `imegha-app/src/bridge/moving.rs`. */
const LARGE = 70_000_000;

/** A page of a browser that does not ask where a file goes. */
async function start(name) {
  const opened = await begin(browser, server, name);
  await opened.page.evaluate(() => (globalThis.showSaveFilePicker = undefined));
  return opened;
}

async function uploaded({ app }, name, size) {
  const path = join(folder, name);
  await writeLarge(path, size);
  await app.choose([path]);
  await app.transfer(name, "done").waitFor({ timeout: 240_000 });
  await app.at("transfers-clear").click();
  return path;
}

/** The object of the large file that was uploaded last. */
async function newest(data) {
  const files = (await readdir(data, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const known = await Promise.all(files.map(async ({ parentPath, name }) => ({ path: join(parentPath, name), ...(await stat(join(parentPath, name))) })));
  return known.filter(({ size }) => size > LARGE).sort((a, b) => b.mtimeMs - a.mtimeMs)[0].path;
}

/** Changes a few bytes of an object near its end: everything before them opens. */
async function damage(object) {
  const { size } = await stat(object);
  const file = await open(object, "r+");
  await file.write(Buffer.from("damaged"), 0, 7, size - 20_000);
  await file.close();
}

test("300 MB are saved with the same SHA-256, and the browser holds no more of it at a time than of a small file", async (t) => {
  const opened = await start("greta");
  const { app, page, end } = opened;
  const path = await uploaded(opened, "Dreihundert.bin", 300_000_000);
  await uploaded(opened, "Vorher.bin", LARGE);
  // The browser's processes keep what an upload took, and what it takes to save anything; so what counts is what a larger file adds.
  await app.download("Vorher.bin");
  await app.transfer("Vorher.bin", "done").waitFor();
  const before = await peaks(browser);
  const download = await app.download("Dreihundert.bin");
  assert.equal(download.name, "Dreihundert.bin");
  assert.equal(await sha256(download.path), await sha256(path));
  await app.transfer("Dreihundert.bin", "done").waitFor();
  assert.match(await app.transfer("Dreihundert.bin").textContent(), /Saved, every byte verified/);
  const grown = (await peaks(browser)) - before;
  t.diagnostic(`the browser's processes grew by ${Math.round(grown / 1024)} MiB at most`);
  assert.ok(grown < 150 * 1024, `${grown} KiB`);
  assert.ok(page.url().endsWith("/files"), "the page stays where it is");
  await rm(path);
  await end();
});

test("a file that is damaged near its end is not saved: the browser's download breaks, and the panel says why", async () => {
  const opened = await start("dora");
  const { app, page, close } = opened;
  await uploaded(opened, "Kaputt.bin", LARGE);
  await damage(await newest(server.data));
  const started = page.waitForEvent("download");
  await app.entry("Kaputt.bin").getByTestId("download").click();
  const download = await started;
  // Turns red when `Outlet` of imegha-worker ends a stream that failed: then the browser takes the part that it has for the whole.
  assert.notEqual(await download.failure(), null, "it is broken for the browser too");
  await app.transfer("Kaputt.bin", "failed").waitFor();
  assert.match(await app.transfer("Kaputt.bin").textContent(), /It cannot be opened/);
  await close();
});

test("stopped in the panel, a download stops in the browser; and one that the browser stops says so in the panel", async () => {
  const opened = await start("sonja");
  const { app, page, context, close } = opened;
  await uploaded(opened, "Halt.bin", 120_000_000);
  // So slowly that there is a middle.
  await context.route(/\/blobs\//, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 400));
    await route.continue().catch(() => {});
  });
  const begun = async () => {
    const started = page.waitForEvent("download");
    await app.entry("Halt.bin").getByTestId("download").click();
    return started;
  };
  const first = await begun();
  await page.waitForFunction(() => document.querySelector("[data-testid=transfer] progress").value > 5);
  await app.transfer("Halt.bin").getByTestId("transfer-cancel").click();
  await app.transfer("Halt.bin", "cancelled").waitFor();
  assert.notEqual(await first.failure(), null);
  await app.at("transfers-clear").click();

  const second = await begun();
  await page.waitForFunction(() => document.querySelector("[data-testid=transfer] progress").value > 5);
  await second.cancel();
  await app.transfer("Halt.bin", "cancelled").waitFor();
  await close();
});

test("where the browser asks where a file goes, it is written there; what fails leaves nothing, and who gives up the choice starts nothing", async () => {
  const opened = await begin(browser, server, "wanda");
  const { app, page, end } = opened;
  const path = await uploaded(opened, "Dorthin.bin", LARGE);
  // A file of the origin's own, since no test can press a system's dialog.
  await page.evaluate(() => {
    globalThis.__asked = [];
    globalThis.showSaveFilePicker = async ({ suggestedName }) => {
      globalThis.__asked.push(suggestedName);
      if (globalThis.__giveUp) throw new DOMException("given up", "AbortError");
      return (await navigator.storage.getDirectory()).getFileHandle(suggestedName, { create: true });
    };
  });
  const written = () =>
    page.evaluate(async () => {
      const root = await navigator.storage.getDirectory();
      const file = await (await root.getFileHandle("Dorthin.bin")).getFile();
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
      return { size: file.size, sha256: [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("") };
    });
  const press = () => app.entry("Dorthin.bin").getByTestId("download").click();

  await page.evaluate(() => (globalThis.__giveUp = true));
  await press();
  await page.waitForFunction(() => globalThis.__asked.length === 1);
  assert.equal(await app.at("transfer").count(), 0);

  await page.evaluate(() => (globalThis.__giveUp = false));
  await press();
  await app.transfer("Dorthin.bin", "done").waitFor({ timeout: 120_000 });
  assert.deepEqual(await written(), { size: LARGE, sha256: await sha256(path) });
  await app.at("transfers-clear").click();

  // Stopped half-way, what was there before is there.
  await damage(await newest(server.data));
  await press();
  await app.transfer("Dorthin.bin", "failed").waitFor({ timeout: 120_000 });
  assert.deepEqual(await written(), { size: LARGE, sha256: await sha256(path) });
  await end();
});

test("the service worker is no hole: an address answers once and to its own use, with nothing that runs, and it connects to nothing", async () => {
  const opened = await start("ines");
  const { app, page, context, watch, close } = opened;
  await uploaded(opened, "Geheim.bin", LARGE);
  const asked = [];
  context.on("request", (request) => request.url().includes("/stream/") && asked.push(request.url()));
  const download = await app.download("Geheim.bin");
  assert.ok((await stat(download.path)).size === LARGE);
  const [address] = asked;
  assert.match(address, /\/stream\/[0-9a-f-]{36}$/);

  const fetched = (url, init) =>
    page.evaluate(
      async ([url, init]) => {
        const answer = await fetch(url, init);
        return { status: answer.status, length: (await answer.arrayBuffer()).byteLength, headers: Object.fromEntries(answer.headers) };
      },
      [url, init],
    );
  // Used, guessed, asked for otherwise, by another tab: nothing.
  const guessed = `${server.origin}/stream/00000000-0000-4000-8000-000000000000`;
  for (const url of [address, guessed, `${server.origin}/stream/../stream/x`, `${server.origin}/stream/`]) {
    assert.equal((await fetched(url)).status, 404, url);
  }
  assert.equal((await fetched(guessed, { method: "POST" })).status, 404);
  assert.equal((await fetched(guessed, { headers: { range: "bytes=5-1" } })).status, 416);
  const tab = await anotherTab({ app, context });
  // A page that streams nothing gives no answer, which is waited for.
  const gone = await tab.page.goto(guessed, { timeout: 90_000 }).catch(() => null);
  assert.ok(gone === null || gone.status() === 404, "no page of ours stands there");
  await tab.page.close();

  const [worker] = context.serviceWorkers();
  assert.ok(worker, "there is one");
  const reached = await worker.evaluate(async (origin) => {
    const tried = {};
    tried.own = await fetch(`${origin}/healthz`).then(() => "reached", () => "blocked");
    tried.foreign = await fetch("https://example.org/").then(() => "reached", () => "blocked");
    tried.kept = (await caches.keys()).length + (await indexedDB.databases()).filter(({ name }) => name !== "imegha").length;
    return tried;
  }, server.origin);
  // Turns red when the answer of `/pkg/streams.js` has another policy than that of what is no page.
  assert.deepEqual(reached, { own: "blocked", foreign: "blocked", kept: 0 });
  // What is no stream goes past it.
  assert.equal((await fetched(`${server.origin}/healthz`)).status, 200);
  watch.errors.length = 0;
  await close();
});
