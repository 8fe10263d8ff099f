// A day's work without a mouse.

import assert from "node:assert/strict";
import { test } from "node:test";

import { browser, server } from "./support/stage.mjs";
import { begin, file, gone, names } from "./support/story.mjs";

const MOST = 60;

/** Goes by Tab until the keyboard is on what is looked for. */
async function tabTo(page, selector) {
  for (let steps = 0; steps < MOST; steps += 1) {
    if (await page.evaluate((selector) => document.activeElement?.matches(selector) ?? false, selector)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`${MOST} times Tab did not lead to ${selector}`);
}

const on = (page, name) => page.waitForFunction((name) => document.activeElement?.dataset.name === name, name);

test("a day's work by keyboard alone: upload, rename, move, look, delete, undo, the trash and back", async () => {
  const { app, page, end } = await begin(browser, server, "klara", { folders: ["Ablage"] });
  const { keyboard } = page;

  // Files, by the button that opens the system's own dialog.
  // Asked for before the way there: the browser has to be told, and a key that is quicker opens a dialog that nobody sees.
  // The dialog of a picker whose files are found again cannot be seen from here; without it there is the browser's own.
  await page.evaluate(() => (globalThis.showOpenFilePicker = undefined));
  const asked = page.waitForEvent("filechooser");
  await page.locator("#main").focus();
  await tabTo(page, "[data-testid=upload]");
  await keyboard.press("Enter");
  await (await asked).setFiles([file("Brief.txt", "Dear reader"), file("Liste.txt", "bread, salt"), file("Plan.txt", "to rest")]);
  await app.entry("Plan.txt").waitFor();
  await app.page.waitForFunction(() => document.querySelectorAll("[data-testid=transfer][data-state=done]").length === 3);

  await page.locator("#main").focus();
  await tabTo(page, "[data-testid=entry]");
  await on(page, "Ablage");
  await keyboard.press("ArrowDown");
  await on(page, "Brief.txt");
  await keyboard.press("F2");
  await page.waitForFunction(() => document.activeElement.id === "new-name" && document.activeElement.selectionEnd === 5);
  await keyboard.type("Antwort");
  await keyboard.press("Enter");
  await app.entry("Antwort.txt").waitFor();
  await on(page, "Antwort.txt");

  await keyboard.press("Enter");
  await app.at("viewer-text").filter({ hasText: "Dear reader" }).waitFor();
  await keyboard.press("ArrowRight");
  await app.at("viewer-text").filter({ hasText: "bread, salt" }).waitFor();
  await keyboard.press("Escape");
  await gone(app.at("viewer-text"));
  await page.waitForFunction(() => document.activeElement?.dataset.testid === "entry");

  // Moved by the menu and the dialog.
  await keyboard.press("Home");
  await keyboard.press("ArrowDown");
  await on(page, "Antwort.txt");
  await keyboard.press("Shift+F10");
  await app.inMenu();
  for (let steps = 0; steps < 8 && !(await page.evaluate(() => document.activeElement?.dataset.testid === "do-move")); steps += 1) await keyboard.press("ArrowDown");
  await keyboard.press("Enter");
  await app.at("mover").waitFor();
  await tabTo(page, "[data-testid=mover-folder]");
  await keyboard.press("Enter");
  await app.at("mover-path").filter({ hasText: "Ablage" }).waitFor();
  await tabTo(page, "[data-testid=move-here]");
  await keyboard.press("Enter");
  await gone(app.entry("Antwort.txt"));
  await page.waitForFunction(() => document.activeElement?.dataset.testid === "entry");

  // Two at once, deleted, taken back, deleted again.
  await keyboard.press("Home");
  await keyboard.press("ArrowDown");
  await keyboard.press("Shift+ArrowDown");
  await app.at("selected").filter({ hasText: "2 selected" }).waitFor({ state: "attached" });
  await keyboard.press("Delete");
  await gone(app.entry("Plan.txt"));
  await keyboard.press("Control+z");
  await app.entry("Plan.txt").waitFor();
  await app.entry("Liste.txt").waitFor();
  await page.locator("#main").focus();
  await tabTo(page, "[data-testid=entry]");
  await keyboard.press("End");
  await on(page, "Plan.txt");
  await keyboard.press("Delete");
  await gone(app.entry("Plan.txt"));

  await page.locator("#main").focus();
  await tabTo(page, "[data-testid=place-trash]");
  await keyboard.press("Enter");
  await app.entry("Plan.txt").waitFor();
  await tabTo(page, "[data-testid=entry]");
  await keyboard.press("Shift+F10");
  await app.at("menu").waitFor();
  await page.waitForFunction(() => document.activeElement?.dataset.testid === "do-restore");
  await keyboard.press("Enter");
  await app.at("trash-empty").waitFor();
  await page.locator("#main").focus();
  await tabTo(page, "[data-testid=place-files]");
  await keyboard.press("Enter");
  await app.entry("Plan.txt").waitFor();
  assert.deepEqual(await names(app), ["Ablage", "Liste.txt", "Plan.txt"]);
  await tabTo(page, "[data-testid=entry]");
  await keyboard.press("Home");
  await keyboard.press("Enter");
  await app.entry("Antwort.txt").waitFor();
  await end();
});
