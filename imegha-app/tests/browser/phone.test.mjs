// A phone, by finger: everything can be reached and hit, and nothing has to be pushed sideways.

import assert from "node:assert/strict";
import { test } from "node:test";

import { browser, server } from "./support/stage.mjs";
import { begin, file, fits, gone, settled } from "./support/story.mjs";

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

/** A finger that comes down, stays and goes up, as the screen reports it. */
async function press(context, page, locator, ms) {
  const box = await locator.boundingBox();
  const cdp = await context.newCDPSession(page);
  const touchPoints = [{ x: box.x + box.width / 2, y: box.y + box.height / 2 }];
  await cdp.send("Input.dispatchTouchEvent", { type: "touchStart", touchPoints });
  await new Promise((resolve) => setTimeout(resolve, ms));
  await cdp.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  await cdp.detach();
}

/** What a finger can hit on the screen and is smaller than 44 pixels; a link within a sentence is as high as its line. */
function small(page) {
  return page.evaluate(() => {
    const targets = document.querySelectorAll("button, a[href], input:not([type=hidden]), select, [role=menuitem]");
    const modal = [...document.querySelectorAll("dialog[open]")].at(-1);
    const found = [];
    for (const target of targets) {
      if ((modal && !modal.contains(target)) || target.closest("p a")) continue;
      // What is touched is a box's label, and a folder's name is touched as its row.
      const touched = target.closest("label") ?? target.closest("[data-testid=entry] a")?.closest("[data-testid=entry]") ?? target;
      if (!touched.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
      const { width, height, bottom, right } = touched.getBoundingClientRect();
      if (width === 0 || height === 0 || bottom <= 0 || right <= 0) continue;
      if (width < 43.5 || height < 43.5) found.push(`${target.dataset.testid ?? target.textContent.trim() ?? target.outerHTML}: ${width} x ${height}`);
    }
    return found;
  });
}

async function comfortable(page, where) {
  await fits(page, where);
  assert.deepEqual(await small(page), [], where);
}

test("a day on a phone: upload, look, select by a long press, move, delete, put back", async () => {
  const long = `${"Ein sehr langer Name ".repeat(6)}.txt`;
  const { app, page, context, end } = await begin(browser, server, "fanni", { files: ["Notiz.txt", "Zettel.txt", long], folders: ["Ablage"], ...PHONE });
  await comfortable(page, "the list");

  await app.choose([file("Vom Telefon.txt", "typed on a train")]);
  await settled(app, 1);
  await comfortable(page, "the list with the transfers");
  await app.at("transfers-clear").tap();

  await app.entry("Vom Telefon.txt").tap();
  await app.at("viewer-text").filter({ hasText: "typed on a train" }).waitFor();
  await comfortable(page, "the viewer");
  await app.at("viewer-close").tap();
  await gone(app.at("viewer-text"));

  await app.entry("Notiz.txt").getByTestId("more").tap();
  await app.at("menu").waitFor();
  await comfortable(page, "the menu");
  await page.touchscreen.tap(195, 40);
  await gone(app.at("menu"));
  // What a menu was of stays selected.
  await app.at("clear-selection").tap();

  await press(context, page, app.entry("Notiz.txt"), 800);
  await page.locator("[data-testid=entry][data-name='Notiz.txt'][aria-selected=true]").waitFor();
  await app.entry("Zettel.txt").tap();
  await app.at("selected").filter({ hasText: "2 selected" }).waitFor({ state: "attached" });
  await comfortable(page, "the list with a selection");
  await app.at("bar-move").tap();
  await page.locator("[data-testid=mover-folder][data-name=Ablage]").tap();
  await app.at("mover-path").filter({ hasText: "Ablage" }).waitFor();
  await comfortable(page, "the mover");
  await app.at("move-here").tap();
  await gone(app.entry("Notiz.txt"));
  await app.at("toast").first().waitFor();
  await comfortable(page, "what was done");

  await app.entry("Ablage").tap();
  await app.entry("Zettel.txt").waitFor();
  await comfortable(page, "a folder");
  await app.entry("Zettel.txt").getByTestId("more").tap();
  await app.at("do-rename").tap();
  await app.at("new-name").fill("Umbenannt.txt");
  await comfortable(page, "renaming");
  await app.at("rename").tap();
  await app.entry("Umbenannt.txt").waitFor();
  await app.entry("Umbenannt.txt").getByTestId("more").tap();
  await app.at("do-delete").tap();
  await gone(app.entry("Umbenannt.txt"));

  await app.at("place-trash").tap();
  await app.entry("Umbenannt.txt").waitFor();
  await comfortable(page, "the trash");
  await app.entry("Umbenannt.txt").getByTestId("more").tap();
  await app.at("do-restore").tap();
  await app.at("trash-empty").waitFor();
  await app.at("place-settings").tap();
  await app.at("to-storage").waitFor();
  await comfortable(page, "the settings");
  for (const [way, ready] of [["to-storage", "storage"], ["to-activity", "activity-proof"], ["to-profile", "profile-name"], ["to-check", "check-quick"]]) {
    await app.at(way).tap();
    await app.at(ready).waitFor();
    await comfortable(page, way);
    await app.at("settings-back").tap();
  }
  await app.at("place-files").tap();
  await app.at("who").tap();
  await app.at("account-menu").waitFor();
  await comfortable(page, "the account");
  await end();
});
