// Albums: made of what is selected, put in order, taken apart; and no file is lost by any of it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch } from "./support/browser.mjs";
import { whole } from "./support/hostile.mjs";
import { startServer } from "./support/server.mjs";
import { anotherTab, begin, fits, gone, settled, trash } from "./support/story.mjs";

let server, browser;
before(async () => {
  server = await startServer();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.remove();
});

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/** Pictures of these names, each of another size. */
const pictures = (...names) => names.map((name, index) => ({ name: `${name}.png`, mimeType: "image/png", buffer: whole(40 + index, 30) }));

const photo = (app, name) => app.page.locator(`[data-testid=photo][data-name=${JSON.stringify(`${name}.png`)}]`);
const album = (app, title) => app.page.locator(`[data-testid=album][data-name=${JSON.stringify(title)}]`);
const shown = (app) => app.at("photo").evaluateAll((tiles) => {
  // Where they stand is the order, not where they are in the document.
  const place = (tile) => {
    const { top, left } = tile.parentElement.getBoundingClientRect();
    return Math.round(top) * 10_000 + Math.round(left);
  };
  return tiles.sort((a, b) => place(a) - place(b)).map((tile) => tile.dataset.name.replace(".png", ""));
});

/** Waits until the album on the screen shows these in this order. */
async function ordered(app, ...names) {
  const until = Date.now() + 30_000;
  while (Date.now() < until && (await shown(app)).join() !== names.join()) await app.page.waitForTimeout(50);
  assert.deepEqual(await shown(app), names);
}

/** Selects pictures on the screen, in this order. */
async function pick(app, ...names) {
  for (const name of names) await app.page.locator(".photo-place", { has: photo(app, name) }).getByTestId("pick").check({ force: true });
  await app.at("selected").filter({ hasText: `${names.length} selected` }).waitFor({ state: "attached" });
}

/** From the timeline into a new album of these, whose page is then on the screen. */
async function make(app, title, ...names) {
  await app.at("place-photos").click();
  await photo(app, names[0]).waitFor();
  await pick(app, ...names);
  await app.at("bar-add-to-album").click();
  // Where there is none to choose, the title of the first is asked for at once.
  await app.at("adder-empty").or(app.at("adder-album")).first().waitFor();
  if (await app.at("adder-album").count()) await app.at("adder-new").click();
  await app.at("adder-title").fill(title);
  await app.at("adder-make").click();
  await gone(app.at("selection-bar"));
  await app.at("tab-albums").click();
  await album(app, title).click();
  await app.at("album-title-shown").filter({ hasText: title }).waitFor();
  await photo(app, names[0]).waitFor();
}

const facts = (app, text) => app.at("album-facts").filter({ hasText: text }).waitFor();

test("made of a selection, added to from the files, opened, taken from; the files stay when it is deleted", async () => {
  const { app, page, end } = await begin(browser, server, "alma", { files: [...pictures("Eins", "Zwei", "Drei"), "Brief.txt"] });
  await app.at("place-photos").click();
  await app.at("tab-albums").click();
  await app.at("albums-empty").waitFor();
  await make(app, "Sommer", "Zwei", "Eins");
  await facts(app, "2 items");
  const order = await shown(app);
  assert.deepEqual([...order].sort(), ["Eins", "Zwei"]);

  // From a folder, also what is no picture; what is in it already stays where it is.
  await app.at("place-files").click();
  await app.entry("Brief.txt").click();
  for (const name of ["Drei.png", "Eins.png"]) await app.entry(name).click({ modifiers: ["Control"] });
  await app.at("bar-add-to-album").click();
  await page.locator("[data-testid=adder-album][data-name=Sommer]").click();
  await app.at("toast").filter({ hasText: "Added to" }).waitFor();
  await app.entry("Brief.txt").click();
  await app.at("bar-add-to-album").click();
  await page.locator("[data-testid=adder-album][data-name=Sommer]").click();
  await app.at("toast").filter({ hasText: "Was already in" }).waitFor();
  await app.at("place-photos").click();
  await app.at("tab-albums").click();
  await album(app, "Sommer").filter({ hasText: "4 items" }).click();
  await ordered(app, ...order, "Brief.txt", "Drei");

  // The viewer goes through the album.
  await photo(app, order[1]).click();
  await page.locator("#viewer-name").filter({ hasText: order[1] }).waitFor();
  await page.keyboard.press("ArrowRight");
  await page.locator("#viewer-name").filter({ hasText: "Brief.txt" }).waitFor();
  await page.keyboard.press("ArrowRight");
  await page.locator("#viewer-name").filter({ hasText: "Drei" }).waitFor();
  await page.keyboard.press("Escape");
  await gone(page.locator("#viewer-name"));

  await pick(app, "Drei");
  await app.at("bar-remove").click();
  await ordered(app, ...order, "Brief.txt");
  await facts(app, "3 items");

  // The log names it by its title, while it is there.
  const address = new URL(page.url()).pathname;
  await app.at("place-settings").click();
  await app.at("to-activity").click();
  await page.locator("[data-testid=activity-entry][data-action=remove-from-album]").filter({ hasText: "Sommer" }).waitFor();
  await page.goBack();
  await page.goBack();
  await ordered(app, ...order, "Brief.txt");
  assert.equal(new URL(page.url()).pathname, address);

  await app.at("delete-album").click();
  await app.at("delete-album-ask").filter({ hasText: "3 items are not deleted" }).waitFor();
  await app.at("delete-album-cancel").click();
  await app.at("delete-album").click();
  await app.at("delete-album-confirm").click();
  await app.at("albums-empty").waitFor();
  assert.equal(new URL(page.url()).pathname, "/photos/albums");
  await app.at("place-files").click();
  for (const name of ["Eins.png", "Zwei.png", "Drei.png", "Brief.txt"]) await app.entry(name).waitFor();
  await end();
});

test("order and cover are as they were left, also after a reload; buttons and keys move", async () => {
  const opened = await begin(browser, server, "berta", { files: pictures("A", "B", "C", "D", "E") });
  const { app, page, end } = opened;
  await make(app, "Reihe", "A", "B", "C", "D", "E");
  // All in a known order: each to the end, one after the other.
  for (const name of ["A", "B", "C", "D", "E"]) {
    await photo(app, name).focus();
    await page.keyboard.press("Control+Shift+End");
  }
  await ordered(app, "A", "B", "C", "D", "E");

  await pick(app, "C");
  await app.at("bar-earlier").click();
  await app.at("bar-earlier").click();
  await ordered(app, "C", "A", "B", "D", "E");
  assert.equal(await app.at("bar-earlier").getAttribute("aria-disabled"), "true", "it is the first");
  await app.at("bar-later").click();
  await ordered(app, "A", "C", "B", "D", "E");
  await app.at("bar-last").click();
  await ordered(app, "A", "B", "D", "E", "C");
  await app.at("clear-selection").click();
  await pick(app, "D", "C");
  await app.at("bar-first").click();
  await ordered(app, "D", "C", "A", "B", "E");
  await page.keyboard.press("Escape");
  await gone(app.at("selection-bar"));

  await photo(app, "E").focus();
  await page.keyboard.press("Control+Shift+ArrowLeft");
  await ordered(app, "D", "C", "A", "E", "B");
  assert.equal(await page.evaluate(() => document.activeElement.dataset.name), "E.png", "the keyboard goes with it");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Space");
  await app.at("selected").filter({ hasText: "1 selected" }).waitFor({ state: "attached" });

  await app.at("bar-cover").click();
  await app.at("toast").filter({ hasText: "New cover" }).waitFor();
  await page.locator(".photo-place", { has: photo(app, "B") }).filter({ hasText: "Cover" }).waitFor();
  assert.match(await photo(app, "B").getAttribute("aria-label"), /B\.png, 5 of 5, the cover/);

  await app.at("who").click();
  await app.at("stay-signed-in").check();
  await page.waitForFunction(() => localStorage.getItem("imegha-stays") === "1");
  const address = page.url();
  await page.reload();
  await app.hydrated();
  await ordered(app, "D", "C", "A", "E", "B");
  assert.equal(page.url(), address);
  await page.locator(".photo-place", { has: photo(app, "B") }).filter({ hasText: "Cover" }).waitFor();
  await app.at("album-back").click();
  const cover = album(app, "Reihe").getByTestId("thumb");
  await cover.waitFor();
  assert.equal(await cover.evaluate(async (image) => (await image.decode(), image.naturalWidth)), 41, "the picture of B");

  // Whoever is signed out comes back to it.
  await page.goto(address);
  await app.hydrated();
  await photo(app, "A").waitFor();
  await end();
});

test("titles: a new one, hostile and long ones, and those that cannot be", async () => {
  const { app, page, end } = await begin(browser, server, "carla", { files: pictures("Bild"), viewport: { width: 390, height: 844 } });
  await app.at("place-photos").click();
  await app.at("tab-albums").click();
  const name = async (title) => {
    await app.at("new-album").or(app.at("rename-album")).first().click();
    await app.at("album-title").fill(title);
    await app.at("title-save").click();
  };
  await name("   ");
  await app.at("album-title-problem").filter({ hasText: "cannot be used" }).waitFor();
  await app.at("album-title").fill("x".repeat(201));
  await app.at("title-save").click();
  await app.at("album-title-problem").filter({ hasText: "200" }).waitFor();
  const hostile = "<img src=x onerror=alert(1)> \u202egpj.exe";
  await app.at("album-title").fill(hostile);
  await app.at("title-save").click();
  await app.at("album-empty").waitFor();
  assert.equal(await app.at("album-title-shown").textContent(), hostile.replace("\u202e", "\ufffd"));
  await name("W".repeat(200));
  await app.at("album-title-shown").filter({ hasText: "W".repeat(200) }).waitFor();
  await fits(page, "an album with a long title");
  await app.at("album-back").click();
  await album(app, "W".repeat(200)).waitFor();
  await fits(page, "the albums");
  assert.equal(await page.title(), "Albums · iMegha", "no title leaves the page");
  await end();
});

test("another tab sees what is done, and what is in the trash is not shown until it is put back", async () => {
  const opened = await begin(browser, server, "dora", { files: pictures("Eins", "Zwei", "Drei") });
  const { app, end } = opened;
  await make(app, "Geteilt", "Eins", "Zwei");
  const order = await shown(app);
  const tab = await anotherTab(opened, new URL(app.page.url()).pathname);
  await ordered(tab, ...order);

  await pick(app, order[0]);
  await app.at("bar-last").click();
  await ordered(tab, order[1], order[0]);
  await app.at("rename-album").click();
  await app.at("album-title").fill("Umbenannt");
  await app.at("title-save").click();
  await tab.at("album-title-shown").filter({ hasText: "Umbenannt" }).waitFor();

  await app.at("place-files").click();
  await trash(app, "Eins.png");
  await ordered(tab, "Zwei");
  await app.at("undo").click();
  await ordered(tab, order[1], order[0]);

  await app.at("place-photos").click();
  await app.at("tab-albums").click();
  await album(app, "Umbenannt").click();
  await app.at("delete-album").click();
  await app.at("delete-album-confirm").click();
  await tab.failure().filter({ hasText: "This album is not there any more" }).waitFor();
  await tab.at("way-on").click();
  await tab.at("albums-empty").waitFor();
  await end();
});

test("without a network what is on the screen stays, and nothing is lost by trying", async () => {
  const { app, page, context, end } = await begin(browser, server, "edda", { files: pictures("Eins", "Zwei") });
  await make(app, "Fest", "Eins", "Zwei");
  const order = await shown(app);
  await context.route("**/v1/**", (route) => route.abort("connectionrefused"));
  await pick(app, order[0]);
  await app.at("bar-later").click();
  await app.at("toast").filter({ hasText: "cannot be reached" }).waitFor({ timeout: 120_000 });
  await ordered(app, ...order);
  await app.at("rename-album").click();
  await app.at("album-title").fill("Anders");
  await app.at("title-save").click();
  await app.at("album-title-problem").filter({ hasText: "cannot be reached" }).waitFor({ timeout: 120_000 });
  await context.unroute("**/v1/**");
  await app.at("title-save").click();
  await app.at("album-title-shown").filter({ hasText: "Anders" }).waitFor();
  await ordered(app, ...order);
  assert.equal(await page.getByTestId("failure").filter({ hasText: /\S/ }).count(), 0);
  await end({ lost: true });
});

test("of a large album only the pictures near the screen are fetched", { timeout: 600_000 }, async () => {
  const names = Array.from({ length: 120 }, (_, index) => `Bild ${index}`);
  const { app, page, end } = await begin(browser, server, "frida", { viewport: { width: 800, height: 700 } });
  await app.choose(pictures(...names));
  await settled(app, names.length, 400_000);
  await app.at("transfers-clear").click();
  await app.at("place-photos").click();
  await app.at("photo").first().waitFor();
  await page.keyboard.press("Control+a");
  await app.at("bar-add-to-album").click();
  await app.at("adder-title").fill("Alle");
  await app.at("adder-make").click();
  await app.at("toast").filter({ hasText: "Made the album" }).waitFor({ timeout: 120_000 });
  await app.at("tab-albums").click();
  await album(app, "Alle").filter({ hasText: "120 items" }).click();
  await page.locator("[data-testid=album-files][data-count='120']").waitFor();
  await app.at("thumb").first().waitFor();
  await page.waitForTimeout(1_000);
  assert.ok((await app.at("thumb").count()) < 80, `${await app.at("thumb").count()} pictures`);
  await app.at("photo").first().focus();
  await page.keyboard.press("End");
  await page.waitForFunction(() => /, 120 of 120/.test(document.activeElement.getAttribute("aria-label") ?? ""));
  await page.waitForFunction(() => document.activeElement.querySelector("[data-testid=thumb]"));
  await end();
});

test("on a phone: selected by a finger that stays, added, moved, removed; all of it within reach", async () => {
  const { app, page, context, end } = await begin(browser, server, "gerda", { files: pictures("Eins", "Zwei", "Drei"), ...PHONE });
  const tap = (locator) => locator.tap();
  const press = async (locator) => {
    const { x, y, width, height } = await locator.boundingBox();
    const cdp = await context.newCDPSession(page);
    await cdp.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints: [{ x: x + width / 2, y: y + height / 2 }] });
    await page.waitForTimeout(800);
    await cdp.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
    await cdp.detach();
  };
  const comfortable = async (where) => {
    await fits(page, where);
    const small = await page.evaluate(() => {
      const modal = document.querySelector("dialog[open]");
      return [...(modal ?? document).querySelectorAll("main button, main a, dialog button, dialog input, .photo-check")]
        .filter((target) => target.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !target.closest("p a"))
        .map((target) => [target, target.getBoundingClientRect()])
        .filter(([, { width, height }]) => width > 0 && height > 0 && (width < 43.5 || height < 43.5))
        .map(([target, { width, height }]) => `${target.dataset.testid ?? target.textContent}: ${width} x ${height}`);
    });
    assert.deepEqual(small, [], where);
  };
  await tap(app.at("place-photos"));
  await photo(app, "Eins").waitFor();
  await comfortable("the timeline");
  await press(photo(app, "Eins"));
  await tap(photo(app, "Zwei"));
  await app.at("selected").filter({ hasText: "2 selected" }).waitFor({ state: "attached" });
  await comfortable("photos that are selected");
  await tap(app.at("bar-add-to-album"));
  await app.at("adder-title").fill("Unterwegs");
  await comfortable("adding");
  await tap(app.at("adder-make"));
  await gone(app.at("selection-bar"));
  await tap(app.at("tab-albums"));
  await album(app, "Unterwegs").waitFor();
  await comfortable("the albums");
  await tap(album(app, "Unterwegs"));
  await photo(app, "Eins").waitFor();
  const order = await shown(app);
  await press(photo(app, order[0]));
  await app.at("bar-later").waitFor();
  await comfortable("an album with a selection");
  await tap(app.at("bar-later"));
  await ordered(app, order[1], order[0]);
  await tap(app.at("bar-remove"));
  await ordered(app, order[1]);
  await comfortable("an album");
  await tap(app.at("delete-album"));
  await comfortable("the question");
  await tap(app.at("delete-album-confirm"));
  await app.at("albums-empty").waitFor();
  await end();
});
