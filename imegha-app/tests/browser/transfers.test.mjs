// Transfers as people live with them: a network that dies, a pause, a name that is taken, a folder whole.

import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, test } from "node:test";

import { App, person, sha256 } from "./support/app.mjs";
import { launch, openPage } from "./support/browser.mjs";
import { writeLarge } from "./support/files.mjs";
import { startServer } from "./support/server.mjs";
import { slowly } from "./support/story.mjs";

let server, browser, folder;
before(async () => {
  server = await startServer();
  browser = await launch();
  folder = await mkdtemp(join(tmpdir(), "imegha-transfers-"));
});
after(async () => {
  await browser?.close();
  await server?.remove();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** A new account, on a page of its own. */
async function start(name) {
  const opened = await openPage(browser);
  const app = new App(opened.page, server);
  await app.signUp(person(name));
  return { app, ...opened };
}

/** The panel lies over the list until it is folded. */
const fold = (app) => app.at("transfers-fold").click();

const text = (name, content) => ({ name, mimeType: "text/plain", buffer: Buffer.from(content) });

test("the network dies in the middle of ten uploads and comes back: all ten are there, each once and whole", async () => {
  const { app, page, context, close } = await start("ute");
  const paths = Array.from({ length: 10 }, (_, index) => join(folder, `Nummer ${index}.bin`));
  // Larger than a part of 8 MiB, smaller, and nothing at all.
  for (const [index, path] of paths.entries()) await writeLarge(path, index === 0 ? 20_000_000 : index === 9 ? 0 : 700_000 + index);

  let sent = 0;
  let dead = false;
  const cut = async (route) => {
    if (!dead && ["PUT", "POST"].includes(route.request().method()) && (sent += 1) > 8) {
      dead = true;
      await context.setOffline(true);
    }
    // What is on its way while the routes are given up is handled by then.
    return (dead ? route.abort("internetdisconnected") : route.continue()).catch(() => undefined);
  };
  await context.route("**/*", cut);
  await app.choose(paths);
  await app.at("offline").waitFor();
  await page.locator("[data-testid=transfer][data-state=waiting]").first().waitFor({ timeout: 60_000 });
  // The list that is on the screen stays readable.
  await app.at("list").or(app.at("empty")).first().waitFor();

  await context.unroute("**/*", cut);
  await context.setOffline(false);
  for (const path of paths) await app.transfer(basename(path), "done").waitFor({ timeout: 180_000 });
  for (const path of paths) assert.equal(await app.entry(basename(path)).count(), 1, path);
  await fold(app);
  for (const path of [paths[0], paths[5], paths[9]]) {
    const download = await app.download(basename(path));
    assert.equal(await sha256(download.path), await sha256(path), path);
  }
  await close();
});

test("an upload is paused, another page is looked at, and it goes on to its end", async () => {
  const { app, page, context, close } = await start("paula");
  await slowly(context, 1_500);
  const path = join(folder, "Pause.bin");
  await writeLarge(path, 30_000_000);
  await app.choose([path]);
  await app.transfer(basename(path), "running").waitFor();
  await app.transfer(basename(path)).getByTestId("transfer-pause").click();
  await app.transfer(basename(path), "paused").waitFor();
  await page.getByRole("link", { name: "Privacy policy" }).click();
  await app.at("privacy").waitFor();
  await app.transfer(basename(path)).getByTestId("transfer-retry").click();
  await app.transfer(basename(path), "done").waitFor({ timeout: 180_000 });
  await app.at("nav-files").click();
  const download = await app.download(basename(path));
  assert.equal(await sha256(download.path), await sha256(path));

  // Stopped for good, nothing of it is there.
  const another = join(folder, "Abbruch.bin");
  await writeLarge(another, 30_000_000);
  await app.choose([another]);
  await app.transfer(basename(another), "running").waitFor();
  await app.transfer(basename(another)).getByTestId("transfer-cancel").click();
  await app.transfer(basename(another), "cancelled").waitFor();
  assert.equal(await app.entry(basename(another)).count(), 0);
  await close();
});

test("a name that is taken: both stay, or the newer, or the older; and what is said counts for the rest", async () => {
  const { app, close } = await start("nora");
  const content = async (name) => {
    return readFile((await app.download(name)).path, "utf8");
  };
  const begin = async (...files) => {
    await app.choose(files);
    await app.at("name-taken").waitFor();
  };
  await app.choose([text("a.txt", "first"), text("b.txt", "first")]);
  await app.entry("b.txt").waitFor();
  await app.entry("a.txt").waitFor();
  await fold(app);

  await begin(text("a.txt", "second"));
  await app.at("taken-keep-both").click();
  await app.entry("a (2).txt").waitFor();
  assert.deepEqual([await content("a.txt"), await content("a (2).txt")], ["first", "second"]);

  await begin(text("a.txt", "third"));
  await app.at("taken-skip").click();
  await app.transfer("a.txt", "skipped").waitFor({ state: "attached" });
  assert.equal(await content("a.txt"), "first");

  // Another one of the same choice goes on while the question stands.
  await begin(text("a.txt", "fourth"), text("b.txt", "fourth"), text("c.txt", "fourth"));
  await app.entry("c.txt").waitFor();
  await app.at("taken-rest").check();
  await app.at("taken-replace").click();
  // Six uploads, and three downloads that looked what became of them.
  await app.page.waitForFunction(() => document.querySelectorAll("[data-testid=transfer][data-state=done]").length === 9);
  assert.deepEqual([await content("a.txt"), await content("b.txt")], ["fourth", "fourth"]);
  assert.equal(await app.page.getByTestId("entry").count(), 4);
  await close();
});

test("a folder is chosen whole: its folders, hidden files too, and not what systems leave behind", async () => {
  const { app, close } = await start("olga");
  const root = join(folder, "Reise");
  await mkdir(join(root, "Tag 1", "Bilder"), { recursive: true });
  for (let index = 0; index < 25; index += 1) await writeFile(join(root, "Tag 1", "Bilder", `${index}.txt`), `picture ${index}`);
  for (const [name, content] of [[".versteckt", "hidden"], [".DS_Store", "litter"], ["Plan.md", "plan"]]) await writeFile(join(root, name), content);

  await app.at("upload-folder-input").setInputFiles(root);
  await app.entry("Reise").waitFor();
  await app.page.waitForFunction(() => document.querySelectorAll("[data-testid=transfer][data-state=done]").length === 27, null, { timeout: 120_000 });
  await app.entry("Reise").getByTestId("open").click();
  await app.entry("Plan.md").waitFor();
  await app.entry(".versteckt").waitFor();
  assert.equal(await app.page.getByTestId("entry").count(), 3);
  await app.entry("Tag 1").getByTestId("open").click();
  await app.entry("Bilder").getByTestId("open").click();
  await app.entry("24.txt").waitFor();
  assert.equal(await app.page.getByTestId("entry").count(), 25);
  await close();
});
