// axe-core's rules of WCAG 2.2 AA, on each page, light and dark.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";

import { ACCOUNT_PAGES, beginRecovery, prove } from "./support/account.mjs";
import { App, person } from "./support/app.mjs";
import { launch, openPage } from "./support/browser.mjs";
import { startGateway } from "./support/gateway.mjs";
import { whole } from "./support/hostile.mjs";
import { startServer } from "./support/server.mjs";
import { deadAfterOnePart } from "./support/story.mjs";

let server, browser, axe;
const who = person("klara");
before(async () => {
  server = await startServer();
  browser = await launch();
  axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
});
after(async () => {
  await browser?.close();
  await server?.remove();
});

/** What axe finds wrong, a line each. */
async function check(page) {
  await page.evaluate(axe);
  // A button that has just been enabled is on its way to its colour.
  await page.evaluate(() => {
    const ending = document.getAnimations().filter(({ effect }) => effect.getComputedTiming().endTime !== Infinity);
    return Promise.all(ending.map(({ finished }) => finished.catch(() => undefined)));
  });
  return page.evaluate(async () => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    const { violations } = await globalThis.axe.run(document, { runOnly: tags });
    return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 120)}: ${node.failureSummary}`));
  });
}

test("axe finds what is wrong on a page that is wrong", async () => {
  const { page, close } = await openPage(browser);
  await page.setContent('<html lang="en"><title>t</title><main><img src="x"><p style="color:#ccc;background:#fff">faint</p></main>');
  const found = await check(page);
  assert.ok(found.some((line) => line.startsWith("image-alt")) && found.some((line) => line.startsWith("color-contrast")));
  await close();
});

for (const colorScheme of ["light", "dark"]) {
  test(`public pages, ${colorScheme}`, async () => {
    // The policy of the pages would not let axe in.
    const { page, close } = await openPage(browser, { colorScheme, bypassCSP: true });
    const app = new App(page, server);
    for (const path of ["/", "/sign-in", "/sign-up", "/recover", "/privacy", "/nowhere"]) {
      await app.open(path);
      assert.deepEqual(await check(page), [], path);
    }
    await close();
  });
}

test("the way from signing up to the files", async () => {
  const { page, close } = await openPage(browser, { bypassCSP: true, viewport: { width: 390, height: 844 } });
  const app = new App(page, server);
  await app.begin(who);
  await app.at("phrase-word").nth(23).waitFor();
  assert.deepEqual(await check(page), [], "phrase");
  await app.keepPhrase();
  assert.deepEqual(await check(page), [], "code");
  await app.at("code").fill(await server.code(who.email));
  await app.at("confirm").click();
  await app.at("empty").waitFor();
  assert.deepEqual(await check(page), [], "empty");
  await app.at("upload-input").setInputFiles({ name: "a file.txt", mimeType: "text/plain", buffer: Buffer.from("text") });
  await app.entry("a file.txt").waitFor();
  assert.deepEqual(await check(page), [], "list");
  await close();
});

for (const [width, colorScheme] of [[1280, "light"], [390, "dark"]]) {
  test(`the files with all that opens above them, ${width} wide, ${colorScheme}`, async () => {
    const { page, close } = await openPage(browser, { bypassCSP: true, viewport: { width, height: 844 }, colorScheme });
    const app = new App(page, server);
    await app.signUp(person("lotte"));
    for (const name of ["Ordner", "Zweiter Ordner"]) {
      await app.at("new-folder").click();
      await app.at("folder-name").fill(name);
      await app.at("create-folder").click();
      await app.entry(name).waitFor();
    }
    assert.deepEqual(await check(page), [], "list");
    await app.entry("Ordner").getByTestId("more").click();
    await app.at("menu").waitFor();
    assert.deepEqual(await check(page), [], "menu");
    await app.at("do-move").click();
    await app.at("mover-folder").first().waitFor();
    assert.deepEqual(await check(page), [], "moving");
    await app.at("move-cancel").click();
    assert.deepEqual(await check(page), [], "selected");
    await app.at("bar-rename").click();
    await app.at("new-name").waitFor();
    assert.deepEqual(await check(page), [], "renaming");
    await page.keyboard.press("Escape");
    await app.at("clear-selection").click();
    await app.at("layout").click();
    await page.locator(".shelf.tiles").waitFor();
    assert.deepEqual(await check(page), [], "tiles");
    await app.at("search").fill("zweiter");
    await app.at("search-everywhere").click();
    await app.at("found-in").first().waitFor();
    assert.deepEqual(await check(page), [], "found");
    await app.at("search").fill("nothing of the kind");
    await app.at("nothing-found").waitFor();
    assert.deepEqual(await check(page), [], "nothing found");
    await app.at("search-clear").click();
    await app.entry("Ordner").getByTestId("more").click({ force: true });
    await app.at("do-delete").click();
    await app.at("undo").waitFor();
    assert.deepEqual(await check(page), [], "deleted");
    await app.at("place-trash").click();
    await app.entry("Ordner").waitFor();
    assert.deepEqual(await check(page), [], "trash");
    await app.at("empty-trash").click();
    await app.at("purge-ask").waitFor();
    assert.deepEqual(await check(page), [], "asked");
    await app.at("purge-confirm").click();
    await app.at("trash-empty").waitFor();
    assert.deepEqual(await check(page), [], "empty trash");
    await close();
  });

  test(`the settings and all below them, and versions, ${width} wide, ${colorScheme}`, async (t) => {
    const { page, close } = await openPage(browser, { bypassCSP: true, viewport: { width, height: 844 }, colorScheme });
    const app = new App(page, server);
    await app.signUp(person("liesl"));
    for (const text of ["one", "two"]) {
      await app.choose([{ name: "a file.txt", mimeType: "text/plain", buffer: Buffer.from(text) }]);
      if (text === "two") await app.at("taken-replace").click();
      await app.transfer("a file.txt", "done").last().waitFor();
      await app.at("transfers-clear").click();
    }
    await app.entry("a file.txt").getByTestId("more").click();
    await app.at("do-versions").click();
    await app.at("version").nth(1).waitFor();
    await app.at("prune-keep").selectOption({ label: "only what is there now" });
    await app.at("prune").waitFor();
    assert.deepEqual(await check(page), [], "versions");
    await app.at("versions-close").click();
    await app.at("place-settings").click();
    await app.at("to-profile").waitFor();
    assert.deepEqual(await check(page), [], "settings");
    for (const [way, ready] of [["to-storage", "storage"], ["to-activity", "activity-proof"], ["to-profile", "profile-name"], ["to-cloud", "owner"], ["to-check", "check-quick"]]) {
      await app.at(way).click();
      await app.at(ready).waitFor();
      assert.deepEqual(await check(page), [], way);
      if (way !== "to-check") await app.at("settings-back").click();
    }
    await app.at("check-deep").click();
    await app.at("check-sound").waitFor();
    assert.deepEqual(await check(page), [], "checked");

    await app.at("settings-back").click();
    await app.at("to-cloud").click();
    const gateway = await startGateway(t, await app.at("owner").textContent());
    await app.at("gateway-address").fill("ftp://cloud.example");
    await app.at("connect").click();
    await app.failure().filter({ hasText: /cannot be used/ }).waitFor();
    assert.deepEqual(await check(page), [], "refused");
    await app.at("gateway-address").fill(gateway.address);
    await app.at("connect").click();
    await app.at("moves-first").waitFor();
    assert.deepEqual(await check(page), [], "asked to move");
    await app.at("move-cloud").click();
    await app.at("connected").waitFor();
    assert.deepEqual(await check(page), [], "connected");
    await close();
  });
}

for (const [width, colorScheme] of [[1280, "dark"], [390, "light"]]) {
  test(`the account's pages and a recovery, ${width} wide, ${colorScheme}`, async () => {
    const { page, close } = await openPage(browser, { bypassCSP: true, viewport: { width, height: 844 }, colorScheme });
    page.on("dialog", (dialog) => dialog.accept());
    const app = new App(page, server);
    const who = person("uta");
    await app.signUp(who);
    await app.at("place-settings").click();
    await app.at("to-account").click();
    await app.at("account").waitFor();
    assert.deepEqual(await check(page), [], "account");
    for (const [way, ready] of ACCOUNT_PAGES) {
      await app.at(way).click();
      await app.at(ready).waitFor();
      assert.deepEqual(await check(page), [], way);
      if (way === "to-sessions") {
        await app.at("leave-everywhere").click();
        assert.deepEqual(await check(page), [], "asked");
        await page.keyboard.press("Escape");
      }
      if (way !== "to-phrase") await app.at("settings-back").click();
    }
    await app.at("phrase-new").click();
    await app.at("password-now-problem").filter({ hasText: /\S/ }).waitFor();
    assert.deepEqual(await check(page), [], "no password");
    await app.at("password-now").fill(who.password);
    await app.at("phrase-new").click();
    await app.at("phrase-word").nth(23).waitFor({ timeout: 60_000 });
    assert.deepEqual(await check(page), [], "new words");

    await beginRecovery(app, who.email);
    await app.at("recover-prove").click();
    await app.at("recover-words-problem").filter({ hasText: /\S/ }).waitFor();
    assert.deepEqual(await check(page), [], "code and words");
    await prove(app, "123456", Array(23).fill("abandon").concat("art"));
    await app.at("recover-password").fill("password1");
    await app.measured();
    assert.deepEqual(await check(page), [], "a new password");
    await close();
  });

  test(`people, ${width} wide, ${colorScheme}`, async () => {
    const { page, close } = await openPage(browser, { bypassCSP: true, viewport: { width, height: 844 }, colorScheme });
    const other = await openPage(browser);
    const [app, their] = [new App(page, server), new App(other.page, server)];
    const [me, them] = [person("mona"), person("nils")];
    await app.signUp(me);
    await their.signUp(them);
    await app.at("place-people").click();
    await app.at("people-empty").waitFor();
    assert.deepEqual(await check(page), [], "nobody");
    await app.at("find-tag").fill("nobody_at_all_1");
    await app.at("find-person").click();
    await app.at("find-tag-problem").filter({ hasText: /\S/ }).waitFor();
    assert.deepEqual(await check(page), [], "nobody has it");
    await their.at("place-people").click();
    await their.at("find-tag").fill(me.tag);
    await their.at("find-person").click();
    await their.at("person-ask").click();
    await app.at("person").waitFor();
    assert.deepEqual(await check(page), [], "a request");
    await app.at("person-accept").click();
    await app.page.locator("[data-testid=person][data-standing=connected]").waitFor();
    await app.at("person-open").click();
    await app.at("safety-code").waitFor();
    assert.deepEqual(await check(page), [], "a person");
    await app.at("safety-mark").click();
    await app.at("safety-compared").waitFor();
    assert.deepEqual(await check(page), [], "compared");
    await app.at("person-block").click();
    await app.at("person-sure").waitFor();
    assert.deepEqual(await check(page), [], "asked");
    await app.at("person-sure-confirm").click();
    await app.page.locator("[data-testid=about-person][data-standing=blocked]").waitFor();
    await app.at("people-back").click();
    await app.at("person").waitFor();
    assert.deepEqual(await check(page), [], "blocked");
    await other.close();
    await close();
  });

  test(`photos and albums, ${width} wide, ${colorScheme}`, async () => {
    const { page, close } = await openPage(browser, { bypassCSP: true, viewport: { width, height: 844 }, colorScheme });
    const app = new App(page, server);
    await app.signUp(person("paula"));
    await app.at("place-photos").click();
    await app.at("photos-empty").waitFor();
    assert.deepEqual(await check(page), [], "no photos");
    await app.at("tab-albums").click();
    await app.at("albums-empty").waitFor();
    assert.deepEqual(await check(page), [], "no albums");
    await app.at("new-album").click();
    await app.at("title-save").click();
    await app.at("album-title-problem").filter({ hasText: /\S/ }).waitFor();
    assert.deepEqual(await check(page), [], "a title that cannot be");
    await app.at("album-title").fill("Sommer");
    await app.at("title-save").click();
    await app.at("album-empty").waitFor();
    assert.deepEqual(await check(page), [], "an empty album");

    await app.at("place-files").click();
    await app.choose([
      ...["Eins", "Zwei"].map((name, index) => ({ name: `${name}.png`, mimeType: "image/png", buffer: whole(40 + index, 30) })),
      { name: "a file.txt", mimeType: "text/plain", buffer: Buffer.from("text") },
    ]);
    await app.transfer("a file.txt", "done").waitFor();
    await page.waitForFunction(() => document.querySelectorAll("[data-testid=transfer][data-state=done]").length === 3);
    await app.at("transfers-clear").click();
    await app.entry("a file.txt").click();
    await app.at("bar-add-to-album").click();
    await app.at("adder-album").click();
    await app.at("toast").first().waitFor();
    await app.at("place-photos").click();
    await app.at("photo").first().getByTestId("thumb").waitFor();
    assert.deepEqual(await check(page), [], "the timeline");
    await page.keyboard.press("Control+a");
    await app.at("bar-add-to-album").waitFor();
    assert.deepEqual(await check(page), [], "photos that are selected");
    await app.at("bar-add-to-album").click();
    await app.at("adder-album").waitFor();
    assert.deepEqual(await check(page), [], "adding");
    await app.at("adder-new").click();
    assert.deepEqual(await check(page), [], "adding to a new one");
    await app.at("adder-album").click();
    await app.at("tab-albums").click();
    await app.at("album").first().getByTestId("thumb").or(app.at("album").first()).first().waitFor();
    assert.deepEqual(await check(page), [], "albums");
    await app.at("album").first().click();
    await app.at("photo").nth(2).waitFor();
    assert.deepEqual(await check(page), [], "an album");
    await app.at("photo").first().focus();
    await page.keyboard.press("Space");
    await app.at("bar-cover").waitFor();
    assert.deepEqual(await check(page), [], "an album with a selection");
    await app.at("delete-album").click();
    await app.at("delete-album-ask").waitFor();
    assert.deepEqual(await check(page), [], "asked");
    await close();
  });

  test(`the export, an interrupted upload, and what cannot be played, ${width} wide, ${colorScheme}`, async () => {
    const { page, context, close } = await openPage(browser, { bypassCSP: true, viewport: { width, height: 844 }, colorScheme });
    context.on("dialog", (dialog) => dialog.accept());
    const app = new App(page, server);
    await app.signUp(person("exa"));
    await app.at("who").click();
    await app.at("stay-signed-in").check();
    await page.waitForFunction(() => localStorage.getItem("imegha-stays") === "1");
    await app.at("export-open").click();
    await app.at("export-archive").waitFor();
    assert.deepEqual(await check(page), [], "export");
    const saved = page.waitForEvent("download");
    await app.at("export-archive").click();
    await (await saved).path();
    await app.at("export-done").waitFor();
    assert.deepEqual(await check(page), [], "exported");
    await app.at("export-close").click();

    const file = (name, mimeType, text) => ({ name, mimeType, buffer: Buffer.from(text, "latin1") });
    await app.choose([file("Ton.wav", "audio/wav", `RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data\0\x20\0\0${"\x80".repeat(8192)}`), file("Kaputt.mp4", "video/mp4", "\0\0\0\x20ftypisom broken")]);
    for (const name of ["Ton.wav", "Kaputt.mp4"]) await app.transfer(name, "done").waitFor();
    await app.at("transfers-clear").click();
    for (const [name, state] of [["Ton.wav", "sound"], ["Kaputt.mp4", "unplayable"]]) {
      await app.entry(name).click();
      await page.keyboard.press("Enter");
      await page.locator(`[data-testid=viewer][data-state=${state}]`).waitFor();
      assert.deepEqual(await check(page), [], state);
      await page.keyboard.press("Escape");
    }

    await deadAfterOnePart(context);
    await app.choose([{ name: "Lang.bin", mimeType: "", buffer: Buffer.alloc(30_000_000, "x") }]);
    await page.waitForFunction(() => document.querySelector("[data-testid=transfer] progress")?.value > 0, null, { timeout: 60_000 });
    await page.reload();
    await app.hydrated();
    await app.transfer("Lang.bin", "interrupted").waitFor();
    assert.deepEqual(await check(page), [], "interrupted");
    assert.equal(await app.at("transfer-again").getAttribute("aria-label"), "Choose Lang.bin again");
    await close();
  });
}
