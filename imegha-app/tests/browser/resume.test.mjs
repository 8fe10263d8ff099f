// Pause, resume, cancel, retry: what the server has of a file is not sent to it again.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, test } from "node:test";

import { sha256 } from "./support/app.mjs";
import { launch } from "./support/browser.mjs";
import { writeLarge } from "./support/files.mjs";
import { startServer } from "./support/server.mjs";
import { PART, begin, slowly } from "./support/story.mjs";

let server, browser, folder;
before(async () => {
  server = await startServer();
  browser = await launch();
  folder = await mkdtemp(join(tmpdir(), "imegha-resume-"));
});
after(async () => {
  await browser?.close();
  await server?.remove();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** The parts that the server took, by their addresses, and how many bytes were sent in parts. */
function parts(context) {
  const seen = { taken: [], bytes: 0 };
  context.on("response", async (response) => {
    const request = response.request();
    if (request.method() !== "PUT" || !PART.test(request.url()) || !response.ok()) return;
    seen.taken.push(request.url());
    seen.bytes += (await request.sizes().catch(() => ({ requestBodySize: 0 }))).requestBodySize;
  });
  return seen;
}

const until = async (holds) => {
  for (let tries = 0; tries < 600; tries += 1) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`it did not come to that: ${holds}`);
};

test("an upload is paused, goes on, loses the network and goes on again: no part that was taken is sent a second time", async () => {
  const { app, page, context, end } = await begin(browser, server, "paul");
  const seen = parts(context);
  await slowly(context);
  const path = join(folder, "Fünf Teile.bin");
  await writeLarge(path, 40_000_000);
  await app.choose([path]);
  const row = app.transfer(basename(path));

  await until(() => seen.taken.length >= 1);
  await row.getByTestId("transfer-pause").click();
  await app.transfer(basename(path), "paused").waitFor();
  const before = seen.taken.length;
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  assert.equal(seen.taken.length, before, "nothing is sent meanwhile");
  assert.ok(before < 5, `paused before its end, after ${before}`);

  await row.getByTestId("transfer-retry").click();
  await until(() => seen.taken.length > before || before === 4);
  await context.setOffline(true);
  await app.at("offline").waitFor();
  await app.transfer(basename(path), "waiting").or(app.transfer(basename(path), "done")).waitFor({ timeout: 60_000 });
  await context.setOffline(false);
  await app.transfer(basename(path), "done").waitFor({ timeout: 120_000 });

  assert.equal(new Set(seen.taken).size, seen.taken.length, `sent twice: ${seen.taken}`);
  assert.deepEqual(seen.taken.map((url) => Number(PART.exec(url)[1])).sort(), [1, 2, 3, 4, 5]);
  assert.equal(new Set(seen.taken.map((url) => url.replace(PART, ""))).size, 1, "all for one object");
  const size = 40_000_000;
  assert.ok(seen.bytes >= size && seen.bytes < size * 1.01, `${seen.bytes} bytes for ${size}`);
  const download = await app.download(basename(path));
  assert.equal(await sha256(download.path), await sha256(path));
  assert.equal(await page.getByTestId("entry").count(), 1);
  await end({ lost: true });
});

test("what is stopped is forgotten on the server too, and begins anew when it is wanted again", async () => {
  const { app, context, end } = await begin(browser, server, "carl");
  const seen = parts(context);
  await slowly(context);
  const aborted = [];
  context.on("response", (response) => {
    if (response.request().method() === "DELETE" && /\/uploads\/[^/]+$/.test(response.url()) && response.ok()) aborted.push(response.url());
  });
  const path = join(folder, "Doch nicht.bin");
  await writeLarge(path, 30_000_000);
  await app.choose([path]);
  const row = app.transfer(basename(path));
  await until(() => seen.taken.length >= 1);
  await row.getByTestId("transfer-pause").click();
  await app.transfer(basename(path), "paused").waitFor();
  await row.getByTestId("transfer-cancel").click();
  await app.transfer(basename(path), "cancelled").waitFor();
  await until(() => aborted.length === 1);
  assert.ok(seen.taken.every((url) => url.startsWith(`${aborted[0]}/`)), "it was that upload");
  assert.equal(await app.entry(basename(path)).count(), 0);

  const before = seen.taken.length;
  await row.getByTestId("transfer-retry").click();
  await app.transfer(basename(path), "done").waitFor({ timeout: 120_000 });
  assert.equal(seen.taken.length - before, 4, "all four parts");
  const download = await app.download(basename(path));
  assert.equal(await sha256(download.path), await sha256(path));
  await end();
});
