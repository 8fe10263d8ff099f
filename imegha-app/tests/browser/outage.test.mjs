// A server that dies in the middle of ten uploads, and a network that does: all ten end in the cloud, each once.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { sha256 } from "./support/app.mjs";
import { launch } from "./support/browser.mjs";
import { writeLarge } from "./support/files.mjs";
import { startServer } from "./support/server.mjs";
import { setting } from "./support/setting.mjs";
import { begin, settled } from "./support/story.mjs";

const run = promisify(execFile);

let server, browser, folder;
before(async () => {
  server = await startServer();
  browser = await launch();
  folder = await mkdtemp(join(tmpdir(), "imegha-outage-"));
});
after(async () => {
  await browser?.close();
  await server?.remove();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** What lies in the hosted clouds of a data folder: objects, and uploads that were not finished. */
async function stored(data) {
  const paths = await readdir(data, { recursive: true, withFileTypes: true });
  const objects = paths.filter((entry) => entry.isFile() && entry.parentPath.includes("/objects/"));
  const uploads = paths.filter((entry) => entry.isDirectory() && basename(entry.parentPath) === "uploads");
  return { objects: objects.length, uploads: uploads.length };
}

test("the server is killed in the middle of ten uploads, and then the network goes: each is stored once, whole, and nothing is left over", async () => {
  const { app, who, page, context, end } = await begin(browser, server, "quirin");
  const paths = Array.from({ length: 10 }, (_, index) => join(folder, `Zehn ${index}.bin`));
  for (const [index, path] of paths.entries()) await writeLarge(path, [20_000_000, 9_000_000][index] ?? 400_000 + index);

  // The first requests of the uploads pass; then the server is killed with some of them in its hands.
  const sent = (limit) =>
    new Promise((resolve) => {
      let count = 0;
      const watch = (request) => {
        if (!["PUT", "POST"].includes(request.method()) || (count += 1) < limit) return;
        context.off("request", watch);
        resolve();
      };
      context.on("request", watch);
    });
  const enough = sent(8);
  await app.choose(paths);
  await enough;
  await server.kill();
  await page.locator("[data-testid=transfer][data-state=waiting]").first().waitFor({ timeout: 60_000 });
  await app.at("transfers").filter({ hasText: /connection is gone/i }).waitFor();
  assert.equal(await page.locator("[data-testid=transfer][data-state=failed]").count(), 0, "nothing gives up");
  assert.ok((await page.locator("[data-testid=transfer][data-state=done]").count()) < 10, "it was killed in the middle");

  const again = sent(4);
  server = await startServer({ data: server.data, port: server.port });
  await again;
  await context.setOffline(true);
  await app.at("offline").waitFor();
  await new Promise((resolve) => setTimeout(resolve, 2_000));
  await context.setOffline(false);

  await settled(app, 10, 240_000);
  await app.at("transfers-summary").filter({ hasText: "10 files done" }).waitFor();
  assert.equal(await app.at("transfer").count(), 10);
  for (const path of paths) await app.entry(basename(path)).waitFor();
  assert.equal(await app.at("entry").count(), 10, "no second copy");
  await end({ lost: true });

  // What counts is what lies on the server: opened there without it, by the SDK.
  await server.stop();
  assert.deepEqual(await stored(server.data), { objects: 10, uploads: 0 });
  const out = join(folder, "out");
  const env = { ...process.env, IMEGHA_PASSWORD: who.password };
  await run(setting("IMEGHA_TEST_INTEROP"), ["read", "--data", server.data, "--email", who.email, "--out", out], { env, timeout: 300_000 });
  assert.deepEqual((await readdir(out)).sort(), paths.map((path) => basename(path)).sort());
  for (const path of paths) assert.equal(await sha256(join(out, basename(path))), await sha256(path), path);
});
