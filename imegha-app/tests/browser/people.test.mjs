// Two people in two browsers: they find each other, ask, agree, compare what they see, and end it again.

import assert from "node:assert/strict";
import { test } from "node:test";

import { toAccount } from "./support/account.mjs";
import { App, person } from "./support/app.mjs";
import { openPage } from "./support/browser.mjs";
import { browser, server } from "./support/stage.mjs";
import { anotherTab, begin, fits, gone } from "./support/story.mjs";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/** Somebody in the list, by iMTag. */
const line = (app, tag) => app.page.locator(`[data-testid=person][data-tag=${JSON.stringify(tag)}]`);

/** The same once it is something to the account. */
const is = (app, tag, standing) => app.page.locator(`[data-testid=person][data-tag=${JSON.stringify(tag)}][data-standing=${standing}]`);

/** His own page, once he is something to the account. */
const page = (app, tag, standing) => app.page.locator(`[data-testid=about-person][data-tag=${JSON.stringify(tag)}][data-standing=${standing}]`);

async function find(app, tag) {
  await app.at("place-people").click();
  await app.at("find-tag").fill(tag);
  await app.at("find-person").click();
}

/** One asks and the other accepts; both are on the page of all people then. */
async function connect(one, other) {
  await find(one.app, other.who.tag);
  await page(one.app, other.who.tag, "nobody").waitFor();
  await one.app.at("person-ask").click();
  await page(one.app, other.who.tag, "asked").waitFor();
  await other.app.at("place-people").click();
  await is(other.app, one.who.tag, "incoming").getByTestId("person-accept").click();
  await is(other.app, one.who.tag, "connected").waitFor();
  await one.app.at("people-back").click();
  await is(one.app, other.who.tag, "connected").waitFor();
}

/** The account goes, and another one takes its iMTag. */
async function takeOver(before) {
  await toAccount(before.app, "to-delete", "stays-hosted");
  await before.app.at("password-now").fill(before.who.password);
  await before.app.at("delete-sure").check();
  await before.app.at("delete-account").click();
  await before.app.at("landing").waitFor();
  await before.end();
  const opened = await openPage(browser);
  const other = { ...opened, app: new App(opened.page, server), who: { ...person("ivo"), tag: before.who.tag } };
  await other.app.signUp(other.who);
  return other;
}

const digits = async (app) => {
  await app.at("safety-digits").waitFor();
  return app.at("safety-digits").getAttribute("data-digits");
};

/** The modules of the code that is drawn, a text for each row. */
const code = (app) =>
  app.at("safety-code").evaluate((svg) => {
    const side = svg.viewBox.baseVal.width;
    const rows = Array.from({ length: side }, () => Array(side).fill(" "));
    for (const [, x, y, length] of svg.querySelector("path").getAttribute("d").matchAll(/M(\d+) (\d+)h(\d+)v1h-\d+z/g)) rows[y].fill("#", +x, +x + +length);
    return rows.map((row) => row.join(""));
  });

test("two people find each other, connect, see one number and keep that they compared it, by the keyboard", async () => {
  const one = await begin(browser, server, "anna");
  const two = await begin(browser, server, "bruno");
  const { app, page: screen } = one;

  await app.at("place-people").focus();
  await screen.keyboard.press("Enter");
  await app.at("people-empty").waitFor();
  for (const [typed, words] of [["", /Enter an iMTag/], [`@${one.who.tag.toUpperCase()}`, /This is you/], ["no", /This is no iMTag/], ["nobody_at_all_1", /Nobody has this iMTag/]]) {
    await app.at("find-tag").fill(typed);
    await app.at("find-tag").press("Enter");
    await app.at("find-tag-problem").filter({ hasText: words }).waitFor();
  }
  await app.at("find-tag").fill(`@${two.who.tag.toUpperCase()}`);
  await app.at("find-tag").press("Enter");
  await page(app, two.who.tag, "nobody").waitFor();
  assert.ok(!screen.url().includes(two.who.tag), "the address has no iMTag");
  await app.at("person-ask").press("Enter");
  await page(app, two.who.tag, "asked").waitFor();
  await app.at("toast").filter({ hasText: "Asked to connect" }).waitFor();
  await screen.waitForFunction(() => document.activeElement.id === "people-title");

  // He has the page open already, and hears of what comes.
  await two.app.at("place-people").click();
  await is(two.app, one.who.tag, "incoming").waitFor();
  await is(two.app, one.who.tag, "incoming").getByTestId("person-accept").press("Enter");
  await is(two.app, one.who.tag, "connected").waitFor();
  // She need not do anything to hear of it.
  await page(app, two.who.tag, "connected").waitFor();

  await line(two.app, one.who.tag).getByTestId("person-open").press("Enter");
  const numbers = [await digits(app), await digits(two.app)];
  assert.match(numbers[0], /^(\d{5} ){11}\d{5}$/);
  assert.equal(numbers[0], numbers[1], "both see one number");
  const codes = [await code(app), await code(two.app)];
  assert.deepEqual(codes[0], codes[1]);
  assert.ok(codes[0].length >= 29 + 8 && codes[0][4].startsWith("    ####### "), "a code with its corner");
  await two.app.at("person-gateway").filter({ hasText: new URL(server.origin).host }).waitFor();

  await app.at("safety-never").waitFor();
  await app.at("safety-mark").press("Enter");
  await app.at("safety-compared").waitFor();
  // The other tab hears of it, and a reload keeps it.
  const tab = await anotherTab(one, new URL(screen.url()).pathname);
  await tab.at("safety-compared").waitFor();
  assert.equal(await digits(tab), numbers[0]);
  await tab.at("safety-unmark").click();
  await tab.at("safety-never").waitFor();
  await app.at("safety-never").waitFor();
  await tab.at("safety-mark").click();
  await app.at("safety-compared").waitFor();
  await tab.page.close();
  await screen.reload();
  await app.hydrated();
  await app.at("safety-compared").waitFor();
  await app.at("people-back").click();
  await line(app, two.who.tag).getByTestId("person-compared").waitFor();
  await two.app.at("safety-never").waitFor();

  const kept = await screen.evaluate(async () => {
    const open = indexedDB.open("imegha");
    const database = await new Promise((resolve) => (open.onsuccess = () => resolve(open.result)));
    const store = database.transaction("accounts").objectStore("accounts");
    const all = (request) => new Promise((resolve) => (request.onsuccess = () => resolve(request.result)));
    const [keys, values] = [await all(store.getAllKeys()), await all(store.getAll())];
    database.close();
    return keys.map((key, at) => [key, new TextDecoder("latin1").decode(values[at])]);
  });
  assert.ok(kept.some(([key]) => key.startsWith("people ")), "the control: it is there");
  assert.ok(!kept.some(([, value]) => value.includes(two.who.tag)), "whom one knows is sealed");
  await one.end({ refused: true });
  await two.end();
});

test("declining is seen and can be asked again; who is blocked is not told; a connection ends on both sides", async () => {
  const one = await begin(browser, server, "carla");
  const two = await begin(browser, server, "dirk", PHONE);
  const [her, his] = [one.who.tag, two.who.tag];
  await two.app.at("place-people").click();
  await fits(two.page, "nobody yet");

  await find(one.app, his);
  await one.app.at("person-ask").click();
  await page(one.app, his, "asked").waitFor();
  const waiting = await one.app.at("about-person").textContent();
  await is(two.app, her, "incoming").waitFor();
  await fits(two.page, "a request");
  await is(two.app, her, "incoming").getByTestId("person-decline").tap();
  await gone(line(two.app, her));
  await page(one.app, his, "nobody").waitFor();

  // Taken back.
  await one.app.at("person-ask").click();
  await is(two.app, her, "incoming").waitFor();
  await one.app.at("person-cancel").click();
  await page(one.app, his, "nobody").waitFor();
  await gone(line(two.app, her));

  await connect(one, two);
  await line(two.app, her).getByTestId("person-open").tap();
  await two.app.at("safety-code").waitFor();
  await fits(two.page, "a person's page");
  await two.app.at("person-block").tap();
  await two.app.at("person-sure").waitFor();
  await fits(two.page, "asked");
  await two.app.at("person-not").tap();
  await page(two.app, her, "connected").waitFor();
  await two.app.at("person-block").tap();
  await two.app.at("person-sure-confirm").tap();
  await page(two.app, her, "blocked").waitFor();

  // What she sees is a connection that has ended, and a request that waits.
  await gone(line(one.app, his));
  await find(one.app, his);
  await page(one.app, his, "nobody").waitFor();
  await one.app.at("person-ask").click();
  await page(one.app, his, "asked").waitFor();
  assert.equal(await one.app.at("about-person").textContent(), waiting, "as of a request that nobody has seen yet");
  await two.app.at("people-back").tap();
  await is(two.app, her, "blocked").waitFor();
  assert.equal(await is(two.app, her, "incoming").count(), 0, "he hears nothing of it");

  await is(two.app, her, "blocked").getByTestId("person-unblock").tap();
  await is(two.app, her, "incoming").getByTestId("person-accept").tap();
  await page(one.app, his, "connected").waitFor();
  await one.app.at("person-remove").click();
  await one.app.at("person-sure-confirm").click();
  await page(one.app, his, "nobody").waitFor();
  await gone(line(two.app, her));
  await two.app.at("people-empty").waitFor();
  await one.end();
  await two.end();
});

test("what the server refuses is said in words, and nothing is lost by it", async () => {
  const one = await begin(browser, server, "jette");
  const two = await begin(browser, server, "karl");
  const refuse = (at, status, problem) =>
    one.context.route(at, (route) => route.fulfill({ status, contentType: "application/problem+json", body: JSON.stringify(problem) }), { times: 1 });
  await refuse(/\/people\//, 429, { code: "too_many_tries", retry_after_ms: 61_000 });
  await find(one.app, two.who.tag);
  await one.app.failure().filter({ hasText: /Too many tries.*Wait 2 minutes/s }).waitFor();
  await one.app.at("find-person").click();
  await page(one.app, two.who.tag, "nobody").waitFor();
  for (const [code, words] of [["limit_reached", /There is no room for more/], ["key_refused", /This person has new keys/], ["conflict", /It is otherwise meanwhile/]]) {
    await refuse(/\/connections\/\w+\/request$/, 409, { code });
    await one.app.at("person-ask").click();
    await one.app.failure().filter({ hasText: words }).waitFor();
    await page(one.app, two.who.tag, "nobody").waitFor();
  }
  await one.app.at("person-ask").click();
  await page(one.app, two.who.tag, "asked").waitFor();
  await one.end({ refused: true });
  await two.end();
});

test("what another device was faster with is said, and what is so now is shown", async () => {
  const one = await begin(browser, server, "erna");
  const two = await begin(browser, server, "fritz");
  await find(one.app, two.who.tag);
  await one.app.at("person-ask").click();
  await page(one.app, two.who.tag, "asked").waitFor();
  await two.app.at("place-people").click();
  await is(two.app, one.who.tag, "incoming").waitFor();
  // What he is shown of it is held up: he sees the request longer than it is there.
  const LIST = /\/api\/v1\/connections$/;
  let old;
  await two.context.route(LIST, async (route) => {
    old ??= await (await route.fetch()).body();
    await route.fulfill({ body: old, contentType: "application/json" });
  });
  const look = () => two.page.evaluate(() => dispatchEvent(new Event("focus")));
  await look();
  for (let tries = 0; old === undefined && tries < 100; tries += 1) await two.page.waitForTimeout(100);
  assert.ok(old.includes(one.who.tag), "the control: it was shown");
  await one.app.at("person-cancel").click();
  await page(one.app, two.who.tag, "nobody").waitFor();
  await is(two.app, one.who.tag, "incoming").getByTestId("person-accept").click();
  await two.app.failure().filter({ hasText: /There is nothing with this person any more/ }).waitFor();
  await two.context.unroute(LIST);
  await look();
  await two.app.at("people-empty").waitFor();
  await one.end({ refused: true });
  await two.end({ refused: true });
});

test("a32 who comes under the iMTag of somebody else is told apart, and stopped until the new number was compared", async () => {
  const one = await begin(browser, server, "gerda");
  const before = await begin(browser, server, "hanno");
  const { tag } = before.who;
  const { app } = one;
  await connect(one, before);
  await line(app, tag).getByTestId("person-open").click();
  const old = await digits(app);
  await app.at("safety-mark").click();
  await app.at("safety-compared").waitFor();

  // Other keys under a name that is trusted. What stops it in the list is `is_somebody_else` of the platform's client
  // (client/people/list.rs), and in the page `acts`. That it was accepted above is the control.
  const other = await takeOver(before);
  await find(other.app, one.who.tag);
  await other.app.at("person-ask").click();
  await page(other.app, one.who.tag, "asked").waitFor();

  await app.at("people-back").click();
  const listed = app.page.locator(`[data-testid=person][data-tag=${JSON.stringify(tag)}][data-keys=changed]`);
  await listed.waitFor();
  assert.equal(await listed.getByTestId("person-accept").count(), 0, "nothing is agreed to");
  await listed.getByTestId("person-open").click();
  await app.at("keys-changed").waitFor();
  assert.equal(await app.at("person-accept").count(), 0);
  const shown = await digits(app);
  assert.notEqual(shown, old, "the safety numbers differ");
  assert.equal(shown, await digits(other.app));
  await app.at("keys-take").click();
  await app.at("keys-compared-problem").filter({ hasText: /Compare the number first/ }).waitFor();
  await app.at("keys-compared").check();
  await app.at("keys-take").click();
  await app.at("safety-compared").waitFor();
  await app.at("person-accept").click();
  await page(app, tag, "connected").waitFor();
  await page(other.app, one.who.tag, "connected").waitFor();
  await one.end({ refused: true });
  await other.close();
});

test("a32 keys other than those whose number was on the screen are not taken", async () => {
  const LOOK_UP = /\/api\/v1\/people\/\w+$/;
  const one = await begin(browser, server, "ulla");
  const before = await begin(browser, server, "veit");
  const { app, context } = one;
  const looked = context.waitForEvent("response", (response) => LOOK_UP.test(response.url()));
  await find(app, before.who.tag);
  const old = await digits(app);
  const keys = await (await looked).body();
  const other = await takeOver(before);

  await find(app, before.who.tag);
  await app.at("keys-changed").waitFor();
  const shown = await digits(app);
  assert.notEqual(shown, old);
  assert.equal(await app.at("person-ask").count(), 0);
  await app.at("keys-compared").check();
  // Between the look and the press the platform shows others again. What stops it is that `take_keys` of the worker holds their number
  // against the one that was shown.
  await context.route(LOOK_UP, (route) => route.fulfill({ body: keys, contentType: "application/json" }));
  await app.at("keys-take").click();
  await app.failure().filter({ hasText: /The number is another one meanwhile/ }).waitFor();
  await context.unroute(LOOK_UP);
  assert.equal(await app.at("safety-compared").count(), 0);
  await app.at("keys-take").click();
  await app.at("safety-compared").waitFor();
  assert.equal(await digits(app), shown);
  await one.end({ refused: true });
  await other.close();
});

test("one tab hears of others for all of its browser, and another one when that is closed", async () => {
  const one = await begin(browser, server, "lola");
  const two = await begin(browser, server, "max");
  const listens = [];
  one.context.on("request", (request) => request.url().endsWith("/api/v1/events") && listens.push(request));
  await one.app.at("place-people").click();
  await one.app.at("people-empty").waitFor();
  const tab = await anotherTab(one, "/people");
  await tab.at("people-empty").waitFor();
  await find(two.app, one.who.tag);
  await two.app.at("person-ask").click();
  for (const app of [one.app, tab]) await is(app, two.who.tag, "incoming").waitFor();
  assert.equal(listens.length, 1, "one of them listens");

  const next = one.context.waitForEvent("request", (request) => request.url().endsWith("/api/v1/events"));
  await one.page.close();
  await next;
  await page(two.app, one.who.tag, "asked").waitFor();
  await two.app.at("person-cancel").click();
  await gone(line(tab, two.who.tag));
  await one.end();
  await two.end();
});

test("what a device remembers of people and cannot open is none: everybody is new to it, and is told once more where the cloud is", async () => {
  const one = await begin(browser, server, "nora");
  const two = await begin(browser, server, "otto");
  const cards = [];
  one.context.on("request", (request) => request.method() === "PUT" && request.url().endsWith("/card") && cards.push(request));
  await connect(one, two);
  await line(one.app, two.who.tag).getByTestId("person-open").click();
  await one.app.at("safety-mark").click();
  await one.app.at("safety-compared").waitFor();
  assert.equal(cards.length, 0, "the control: it was told with the request");
  await one.app.at("who").click();
  await one.app.at("stay-signed-in").check();
  await one.page.waitForFunction(() => localStorage.getItem("imegha-stays") === "1");
  await one.page.evaluate(async () => {
    const wait = (request) => new Promise((resolve, reject) => Object.assign(request, { onsuccess: () => resolve(request.result), onerror: reject }));
    const database = await wait(indexedDB.open("imegha"));
    const store = database.transaction("accounts", "readwrite").objectStore("accounts");
    const key = (await wait(store.getAllKeys())).find((key) => key.startsWith("people "));
    const value = await wait(store.get(key));
    value[value.length - 1] ^= 1;
    await wait(store.put(value, key));
    database.close();
  });
  await one.page.reload();
  await one.app.hydrated();
  await one.app.at("safety-never").waitFor();
  const told = one.context.waitForEvent("response", (response) => response.url().endsWith("/card"));
  await one.app.at("people-back").click();
  assert.equal((await told).status(), 200);
  await is(one.app, two.who.tag, "connected").waitFor();
  await is(two.app, one.who.tag, "connected").waitFor();
  await one.page.evaluate(() => dispatchEvent(new Event("focus")));
  await one.page.waitForTimeout(500);
  assert.equal(cards.length, 1, "and not again");
  await one.end();
  await two.end();
});
