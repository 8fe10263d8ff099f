// Albums: made of what is selected, put in order, taken apart; and no file is lost by any of it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { whole } from "./support/hostile.mjs";
import { browser, server } from "./support/stage.mjs";
import { anotherTab, begin, fits, gone, settled, trash } from "./support/story.mjs";

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

/** What the page asks its worker from now on, by its name. */
async function listen(page, ask) {
  await page.evaluate((ask) => {
    globalThis.__asked = [];
    const post = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (message, ...more) {
      const request = JSON.parse(message.json);
      if (request.ask === ask) globalThis.__asked.push(request);
      return post.call(this, message, ...more);
    };
  }, ask);
  return () => page.evaluate(() => globalThis.__asked);
}

/** What the page asked, once it has asked nothing for a second. */
async function quiet(asked, page) {
  for (let before = -1, now = (await asked()).length; now !== before; now = (await asked()).length) {
    before = now;
    await page.waitForTimeout(1_000);
  }
  return asked();
}

/** A line on which nothing of a page is answered until `open()`. */
async function shut(page) {
  let open;
  const opened = new Promise((resolve) => (open = resolve));
  await page.route("**/v1/**", async (route) => {
    await opened;
    await route.continue().catch(() => {});
  });
  return { open: async () => (open(), page.unroute("**/v1/**")) };
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
  const { app, page, who, end } = opened;
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
  await app.at("who").click();
  await app.at("sign-out").click();
  await app.at("landing").waitFor();
  await page.goto(address);
  await app.at("sign-in-email").fill(who.email);
  await app.at("sign-in-password").fill(who.password);
  await app.at("sign-in").click();
  await ordered(app, "D", "C", "A", "E", "B");
  assert.equal(page.url(), address);
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

  // What has the keyboard keeps it when it changes.
  await tab.at("album-back").click();
  await album(tab, "Umbenannt").focus();
  await app.at("rename-album").click();
  await app.at("album-title").fill("Nochmals");
  await app.at("title-save").click();
  await album(tab, "Nochmals").waitFor();
  assert.equal(await tab.page.evaluate(() => document.activeElement.dataset.name), "Nochmals");
  await album(tab, "Nochmals").click();

  await app.at("place-files").click();
  await trash(app, "Eins.png");
  await ordered(tab, "Zwei");
  await app.at("undo").click();
  await ordered(tab, order[1], order[0]);

  await app.at("place-photos").click();
  await app.at("tab-albums").click();
  await album(app, "Nochmals").click();
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

test("a key that is held down leaves a move under way and the last one; both are written though the page is left", async () => {
  const { app, page, end } = await begin(browser, server, "hanna", { files: pictures("A", "B", "C", "D", "E", "F", "G", "H") });
  await make(app, "Lang", "A", "B", "C", "D", "E", "F", "G", "H");
  const order = await shown(app);
  const asked = await listen(page, "move_in_album");
  const line = await shut(page);
  await photo(app, order.at(-1)).focus();
  await page.keyboard.down("Control");
  await page.keyboard.down("Shift");
  for (let step = 1; step < order.length; step += 1) {
    await page.keyboard.down("ArrowLeft");
    // Repeated no sooner than the keyboard is there again, which goes with the picture.
    await page.waitForFunction((place) => document.activeElement.getAttribute("aria-label")?.includes(place), `, ${order.length - step} of ${order.length}`);
  }
  for (const key of ["ArrowLeft", "Shift", "Control"]) await page.keyboard.up(key);
  await ordered(app, order.at(-1), ...order.slice(0, -1));
  assert.equal((await asked()).length, 1, "one at a time");
  await app.at("album-back").click();
  await gone(app.at("album-title-shown"));
  await line.open();
  await album(app, "Lang").click();
  await ordered(app, order.at(-1), ...order.slice(0, -1));
  assert.equal((await quiet(asked, page)).length, 2, "the first and the last");
  await ordered(app, order.at(-1), ...order.slice(0, -1));
  await end();
});

test("an album that is deleted elsewhere while it is moved is said to be gone", async () => {
  const opened = await begin(browser, server, "ida", { files: pictures("Eins", "Zwei") });
  const { app, page, end } = opened;
  await make(app, "Kurz", "Eins", "Zwei");
  const [first, second] = await shown(app);
  const tab = await anotherTab(opened, new URL(page.url()).pathname);
  await ordered(tab, first, second);
  const line = await shut(page);
  await pick(app, first);
  await app.at("bar-later").click();
  await ordered(app, second, first);
  await tab.at("delete-album").click();
  await tab.at("delete-album-confirm").click();
  await tab.at("albums-empty").waitFor();
  await line.open();
  await app.failure().filter({ hasText: "This album is not there any more" }).waitFor({ timeout: 60_000 });
  await end();
});

test("while an album is deleted, the question stays and cannot be taken back", async () => {
  const { app, page, end } = await begin(browser, server, "jana", { files: pictures("Eins") });
  await make(app, "Weg", "Eins");
  const line = await shut(page);
  await app.at("delete-album").click();
  await app.at("delete-album-confirm").click();
  assert.ok(await app.at("delete-album-cancel").isDisabled());
  await page.keyboard.press("Escape");
  await page.waitForTimeout(300);
  assert.ok(await app.at("delete-album-ask").isVisible(), "Escape does not close it");
  // A browser may close it all the same: what was asked for is done, and shown.
  await page.evaluate(() => document.querySelector("dialog[open]").close());
  await app.at("delete-album-ask").waitFor({ state: "hidden" });
  await line.open();
  await app.at("toast").filter({ hasText: "Deleted the album" }).waitFor();
  await app.failure().filter({ hasText: "This album is not there any more" }).waitFor();
  await end();
});

test("of a large album only what is near the screen is drawn, and only those pictures are fetched", { timeout: 600_000 }, async () => {
  const { app, page, end } = await begin(browser, server, "frida", { viewport: { width: 800, height: 700 } });
  const numbered = (letter, count) => Array.from({ length: count }, (_, index) => `${letter} ${String(index).padStart(3, "0")}`);
  await app.choose(numbered("B", 180).map((name) => ({ name: `${name}.txt`, mimeType: "text/plain", buffer: Buffer.from(name) })));
  await settled(app, 180, 400_000);
  await app.at("transfers-clear").click();
  // Pictures at both ends, so that those at the end are far from the screen.
  await app.choose(pictures(...numbered("A", 30), ...numbered("C", 30)));
  await settled(app, 60, 400_000);
  await app.at("transfers-clear").click();
  await app.entry("A 000.png").waitFor();
  await page.keyboard.press("Control+a");
  await app.at("selected").filter({ hasText: "240 selected" }).waitFor({ state: "attached" });
  await app.at("bar-add-to-album").click();
  await app.at("adder-title").fill("Alle");
  await app.at("adder-make").click();
  await app.at("toast").filter({ hasText: "Made the album" }).waitFor({ timeout: 120_000 });
  const asked = await listen(page, "thumbnail");
  await app.at("place-photos").click();
  await app.at("tab-albums").click();
  await album(app, "Alle").filter({ hasText: "240 items" }).waitFor();
  // What the timeline has fetched is no matter of the album's.
  await quiet(asked, page);
  await page.evaluate(() => (globalThis.__asked.length = 0));
  await album(app, "Alle").click();
  await page.locator("[data-testid=album-files][data-count='240']").waitFor();
  await photo(app, "A 029").getByTestId("thumb").waitFor();
  const first = await quiet(asked, page);
  assert.ok(first.length <= 30, `${first.length} pictures are fetched`);
  const drawn = await app.at("photo").count();
  assert.ok(drawn > 30 && drawn < 130, `${drawn} tiles are drawn`);
  assert.equal(await photo(app, "C 029").count(), 0);
  await app.at("photo").first().focus();
  await page.keyboard.press("End");
  await page.waitForFunction(() => /, 240 of 240/.test(document.activeElement.getAttribute("aria-label") ?? ""));
  await page.waitForFunction(() => document.activeElement.querySelector("[data-testid=thumb]"));
  const then = await app.at("photo").count();
  assert.ok(then < 130, `${then} tiles are drawn`);
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
  // A card has its place once the page is measured, a frame after it is drawn.
  await page.waitForFunction(() => document.querySelector("[data-testid=album]").getBoundingClientRect().width > 100);
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
