// One account, two programs: what Chromium wrote is opened by the SDK, and what the SDK wrote by Chromium.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { App, person, sha256 } from "./support/app.mjs";
import { launch, openPage } from "./support/browser.mjs";
import { writeLarge, writePhoto } from "./support/files.mjs";
import { startServer } from "./support/server.mjs";
import { setting } from "./support/setting.mjs";

const run = promisify(execFile);
const who = person("maria");

let server, browser, folder;
before(async () => {
  server = await startServer();
  browser = await launch();
  folder = await mkdtemp(join(tmpdir(), "imegha-interop-"));
});
after(async () => {
  await browser?.close();
  await server?.remove();
  if (folder) await rm(folder, { recursive: true, force: true });
});

function interop(password, ...words) {
  const env = { ...process.env, IMEGHA_PASSWORD: password };
  return run(setting("IMEGHA_TEST_INTEROP"), words, { env, timeout: 300_000 });
}

test("Chromium and the SDK open what the other wrote", async (t) => {
  const { page, close } = await openPage(browser);
  const app = new App(page, server);
  const ofBrowser = [join(folder, "Aus dem Browser.jpg"), join(folder, "Grösser als ein Teil.dat"), join(folder, "Leer.txt")];
  const ofSdk = [join(folder, "Vom SDK.dat"), join(folder, "Vom SDK, leer.txt")];
  await writePhoto(page, ofBrowser[0]);
  await writeLarge(ofBrowser[1], 9_000_001);
  await writeFile(ofBrowser[2], "");
  await writeLarge(ofSdk[0], 9_000_002);
  await writeFile(ofSdk[1], "");

  await t.test("the SDK writes through the gateway, Chromium reads", async () => {
    await app.signUp(who);
    await app.choose(ofBrowser);
    for (const path of ofBrowser) await app.transfer(basename(path), "done").waitFor({ timeout: 120_000 });

    await interop(who.password, "write", "--origin", server.origin, "--email", who.email, ...ofSdk);
    await app.signIn(who);
    for (const path of ofSdk) {
      await app.entry(basename(path)).waitFor();
      const download = await app.download(basename(path));
      assert.equal(await sha256(download.path), await sha256(path), path);
    }
  });
  await close();

  await t.test("Chromium wrote, the SDK reads the data folder without a server", async () => {
    await server.stop();
    const out = join(folder, "out");
    await interop(who.password, "read", "--data", server.data, "--email", who.email, "--out", out);
    const files = [...ofBrowser, ...ofSdk];
    assert.deepEqual((await readdir(out)).sort(), files.map((path) => basename(path)).sort());
    for (const path of files) assert.equal(await sha256(join(out, basename(path))), await sha256(path), path);
  });

  await t.test("with another password the SDK reads nothing", async () => {
    const out = join(folder, "nothing");
    await assert.rejects(interop(`${who.password}!`, "read", "--data", server.data, "--email", who.email, "--out", out));
    assert.deepEqual(await readdir(out).catch(() => []), []);
  });
});
