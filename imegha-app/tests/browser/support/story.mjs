// What the stories share: an account of its own each, what one does again and again, and how a story ends.

import assert from "node:assert/strict";

import { App, person } from "./app.mjs";
import { openPage } from "./browser.mjs";

/** A file that is chosen without one on the disk. */
export const file = (name, text = name) => ({ name, mimeType: "text/plain", buffer: Buffer.from(text) });

/** A page of a new account with these files and folders in it, and the account's words. `end()` closes it, once it is sure that nothing went wrong unseen. */
export async function begin(browser, server, name, { files = [], folders = [], ...options } = {}) {
  const opened = await openPage(browser, options);
  const app = new App(opened.page, server);
  const who = person(name);
  const words = await app.signUp(who);
  for (const folder of folders) await makeFolder(app, folder);
  if (files.length > 0) {
    await app.choose(files.map((one) => (typeof one === "string" ? file(one) : one)));
    for (const one of files) await app.entry(one.name ?? one).waitFor();
    await settled(app, files.length);
    await app.at("transfers-clear").click();
  }
  /** `lost`: the network was, and Chromium says so of each request. `refused`: the server has refused something, as it was to. */
  const end = async ({ lost = false, refused = false } = {}) => {
    const ofNetwork = (error) =>
      (lost && /Failed to load resource: net::ERR_/.test(error)) || (refused && /Failed to load resource: the server responded with a status of (404|409|429)/.test(error));
    assert.deepEqual(opened.foreign(server.origin), [], "nobody else was asked");
    for (const page of opened.context.pages()) assert.deepEqual(await page.evaluate(() => globalThis.__violations), [], "no policy was broken");
    assert.deepEqual(opened.watch.errors.filter((error) => !ofNetwork(error)), [], "no error was logged");
    await opened.close();
  };
  return { app, who, words, end, ...opened };
}

/** Another tab of the same browser, in which the same person is: who stays signed in. */
export async function anotherTab({ app, context }, path = "/files") {
  await app.at("who").click();
  await app.at("stay-signed-in").check();
  await app.page.waitForFunction(() => localStorage.getItem("imegha-stays") === "1");
  await app.page.keyboard.press("Escape");
  const tab = new App(await context.newPage(), app.server);
  await tab.open(path);
  return tab;
}

export async function makeFolder(app, name) {
  await app.at("new-folder").click();
  await app.at("folder-name").fill(name);
  await app.at("create-folder").click();
  await app.entry(name).waitFor();
}

/** Into a folder of the list, until it is the one on the screen. */
export async function enter(app, name) {
  await app.entry(name).getByTestId("open").click();
  await app.page.locator("[data-testid=crumbs] [aria-current=page]").filter({ hasText: name }).waitFor();
}

export async function rename(app, from, to) {
  await app.entry(from).click();
  await app.page.keyboard.press("F2");
  await app.at("new-name").fill(to);
  await app.at("rename").click();
  await app.entry(to).waitFor();
}

export async function moveTo(app, entry, folder) {
  await app.entry(entry).click();
  await app.at("bar-move").click();
  await app.page.locator(`[data-testid=mover-folder][data-name=${JSON.stringify(folder)}]`).click();
  await app.at("mover-path").filter({ hasText: folder }).waitFor();
  await app.at("move-here").click();
}

export async function trash(app, entry) {
  await app.entry(entry).click();
  await app.at("bar-delete").click();
  await gone(app.entry(entry));
}

export const gone = (locator) => locator.waitFor({ state: "detached" });

/** The address of a part of an upload. */
export const PART = /\/parts\/(\d+)\?offset=\d+$/;

/** A line on which each part takes its time, so that an upload has a middle on the fastest machine too. */
export function slowly(context, ms = 1_000) {
  return context.route(PART, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, ms));
    // It may have been given up meanwhile.
    await route.continue().catch(() => {});
  });
}

/** A line that goes dead behind the first part: an upload that has begun and does not end, however slow or fast the machine. */
export function deadAfterOnePart(context) {
  let parts = 0;
  return context.route(PART, async (route) => {
    parts += 1;
    if (parts === 1) await route.continue();
  });
}

/** Waits until so many transfers are done. */
export async function settled(app, count, timeout = 180_000) {
  await app.page.waitForFunction(
    (count) => document.querySelectorAll("[data-testid=transfer][data-state=done]").length === count,
    count,
    { timeout },
  );
}

/** The names in the list, in their order. */
export const names = (app) => app.at("entry").evaluateAll((rows) => rows.map((row) => row.dataset.name));

/** Nothing is wider than the screen. */
export async function fits(page, where) {
  const [wide, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(wide <= screen, `${where}: ${wide} pixels on a screen of ${screen}`);
}
