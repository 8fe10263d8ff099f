// What goes wrong, and whether the page says so and offers a way on.

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, test } from "node:test";

import { App, person, sha256 } from "./support/app.mjs";
import { launch, openPage } from "./support/browser.mjs";
import { writeLarge } from "./support/files.mjs";
import { startServer } from "./support/server.mjs";

let server, browser, folder;
const known = person("berta");
before(async () => {
  server = await startServer();
  browser = await launch();
  folder = await mkdtemp(join(tmpdir(), "imegha-failures-"));
  const { page, close } = await openPage(browser);
  await new App(page, server).signUp(known);
  await close();
});
after(async () => {
  await browser?.close();
  await server?.remove();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** A test with a page of its own. */
function story(name, body) {
  test(name, async () => {
    const opened = await openPage(browser);
    await body(new App(opened.page, server), opened);
    await opened.close();
  });
}

async function says(locator, pattern) {
  await locator.filter({ hasText: pattern }).first().waitFor();
}

story("wrong password: said, and the right one goes on from there", async (app) => {
  await app.signIn({ ...known, password: `${known.password}!` });
  await says(app.failure(), /password is wrong/i);
  await app.at("sign-in-password").fill(known.password);
  await app.at("sign-in").click();
  await app.at("empty").waitFor();
  assert.equal((await app.failure().allTextContents()).join("").trim(), "");
});

story("an unknown email is answered like a wrong password", async (app) => {
  await app.signIn(person("niemand"));
  await says(app.failure(), /password is wrong/i);
});

story("wrong code: said, and the right one goes on from there", async (app) => {
  const who = person("carla");
  await app.begin(who);
  await app.keepPhrase();
  const code = await server.code(who.email);
  await app.at("code").fill(code === "123456" ? "654321" : "123456");
  await app.at("confirm").click();
  await says(app.failure(), /code is not right/i);
  await app.at("code").fill(code);
  await app.at("confirm").click();
  await app.at("empty").waitFor();
});

story("the page says where the code is when no mail is sent", async (app) => {
  await app.begin(person("dora"));
  await app.keepPhrase();
  await says(app.at("code-where"), /printed on the terminal/i);
});

story("taken email: no more is said than to anybody, and the mail tells its owner", async (app) => {
  await app.begin({ ...person("eva"), email: known.email });
  await app.keepPhrase();
  // The same page as for a new address; only whoever reads the mail learns more.
  await says(app.at("code-where"), /Does the address have an account already\?/);
  await app.at("code").fill("123456");
  await app.at("confirm").click();
  await says(app.failure(), /code/i);
  const mails = server.output().split(`mail to ${known.email}`);
  assert.match(mails.at(-1), /account/i, "the mail says that there is an account");
  // The way on: sign in.
  await app.signIn(known);
  await app.at("empty").waitFor();
});

story("taken tag: said beside the field, and another one goes on", async (app) => {
  const who = person("frida");
  await app.begin({ ...who, tag: known.tag });
  await says(app.at("tag-problem"), /taken|somebody else/i);
  await app.at("tag").fill(who.tag);
  await app.at("sign-up").click();
  await app.at("phrase-word").nth(23).waitFor();
});

story("weak password: said beside the field, nothing is sent, a strong one goes on", async (app, { watch }) => {
  const who = person("greta");
  await app.begin({ ...who, password: "password123" });
  await app.page.waitForFunction(() => document.querySelector("[data-testid=password-problem]").textContent.trim() !== "");
  assert.ok(!watch.requests.some((url) => url.includes("/api/")), "nothing is sent");
  await app.at("password").fill(who.password);
  await app.page.waitForFunction(() => Number(document.querySelector("[data-testid=strength]").dataset.score) >= 3);
  await app.at("sign-up").click();
  await app.at("phrase-word").nth(23).waitFor();
});

story("under 13: refused in words, nothing is sent", async (app, { watch }) => {
  const who = person("hanna");
  await app.begin(who, { over13: false });
  await says(app.page.locator("main"), /13 or older/i);
  await app.page.waitForFunction(() => document.querySelector("[data-testid=over-13-problem]").textContent.trim() !== "");
  assert.ok(!watch.requests.some((url) => url.includes("/api/")), "nothing is sent");
});

story("words that are not the phrase's are not taken", async (app) => {
  await app.begin(person("ida"));
  await app.at("phrase-word").nth(23).waitFor();
  await app.at("phrase-kept").click();
  for (const field of ["recall-0", "recall-1", "recall-2"]) await app.at(field).fill("wrong");
  await app.at("recall").click();
  await says(app.at("recall-0-problem"), /not word/i);
  await app.at("phrase-again").click();
  await app.keepPhrase();
});

story("network gone in the middle of an upload: said, and it completes when it is back", async (app, { context, page }) => {
  await app.signIn(known);
  await app.at("empty").or(app.at("list")).first().waitFor();
  const path = join(folder, "Mitten im Hochladen.bin");
  await writeLarge(path, 30_000_000);

  // The first requests of the upload pass, then nothing does: it is cut in the middle, whatever the machine's speed.
  let passed = 0;
  // What is on its way while the routes are given up is handled by then.
  const handled = () => undefined;
  const cut = async (route) => {
    if (!["PUT", "POST"].includes(route.request().method())) return route.continue().catch(handled);
    passed += 1;
    if (passed <= 2) return route.continue().catch(handled);
    await context.setOffline(true);
    return route.abort("internetdisconnected").catch(handled);
  };
  await context.route("**/*", cut);
  await app.choose([path]);
  await app.at("offline").waitFor();
  assert.ok(passed > 2, "it was cut after it had begun");
  await app.transfer(basename(path)).and(page.locator("[data-state=failed], [data-state=waiting]")).waitFor({ timeout: 120_000 });
  await says(app.at("transfers"), /connection|reached|online/i);

  await context.unroute("**/*", cut);
  await context.setOffline(false);
  const done = app.transfer(basename(path), "done");
  const retry = app.transfer(basename(path)).getByTestId("transfer-retry");
  await done.or(retry).first().waitFor({ timeout: 120_000 });
  if (await retry.isVisible()) await retry.click();
  await done.waitFor({ timeout: 120_000 });
  const download = await app.download(basename(path));
  assert.equal(await sha256(download.path), await sha256(path));
  assert.equal(await app.entry(basename(path)).count(), 1, "it is there once");
});

story("server gone when signing in: said, and the same button goes on when it is back", async (app, { context }) => {
  await app.open("/sign-in");
  await app.at("sign-in-email").fill(known.email);
  await app.at("sign-in-password").fill(known.password);
  await context.setOffline(true);
  await app.at("sign-in").click();
  await says(app.failure(), /cannot be reached/i);
  await context.setOffline(false);
  await app.at("way-on").click();
  await app.entry("Mitten im Hochladen.bin").waitFor();
});

test("disk full: said, nothing half there, and a smaller file still goes in", async () => {
  const small = await startServer({ env: { IMEGHA_QUOTA_BYTES: "2000000" } });
  const { page, close } = await openPage(browser);
  const app = new App(page, small);
  try {
    await app.signUp(person("jana"));
    const large = join(folder, "Zu gross.bin");
    await writeLarge(large, 5_000_000);
    await app.choose([large]);
    await app.transfer(basename(large), "failed").waitFor({ timeout: 120_000 });
    await says(app.at("transfers"), /full|room/i);
    assert.equal(await app.entry(basename(large)).count(), 0);

    const fitting = join(folder, "Passt.txt");
    await writeFile(fitting, "This one fits.");
    await app.choose([fitting]);
    await app.transfer(basename(fitting), "done").waitFor();
    const download = await app.download(basename(fitting));
    assert.equal(await sha256(download.path), await sha256(fitting));
  } finally {
    await close();
    await small.remove();
  }
});
