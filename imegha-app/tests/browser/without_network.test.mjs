// Without a network: what is on the screen stays readable, what cannot be done says so, and works again later.

import assert from "node:assert/strict";
import { test } from "node:test";

import { browser, server } from "./support/stage.mjs";
import { begin, file, gone, moveTo, names, rename, trash } from "./support/story.mjs";

test("without a network every change fails in words and changes nothing; with one it works again", { timeout: 600_000 }, async () => {
  const { app, page, context, end } = await begin(browser, server, "nemo", { files: ["Bleibt.txt", "Wandert.txt", "Geht.txt"], folders: ["Ordner"] });
  const before = await names(app);
  // A change in the cloud waits a little for the network before it gives up.
  const patient = { timeout: 120_000 };
  await context.setOffline(true);
  await app.at("offline").waitFor();
  assert.deepEqual(await names(app), before, "the list stays");

  await app.entry("Bleibt.txt").click();
  await page.keyboard.press("F2");
  await page.waitForFunction(() => document.activeElement?.dataset.testid === "new-name" && document.activeElement.value !== "");
  await app.at("new-name").fill("Anders.txt");
  await app.at("rename").click();
  await app.at("new-name-problem").filter({ hasText: /reached|offline|connection/i }).waitFor(patient);
  assert.equal(await app.at("new-name").inputValue(), "Anders.txt", "what was typed stays");
  await page.keyboard.press("Escape");

  await app.entry("Geht.txt").click();
  await app.at("bar-delete").click();
  await app.at("toast").filter({ hasText: /reached|offline|connection/i }).waitFor(patient);
  assert.deepEqual((await names(app)).sort(), [...before].sort(), "nothing is gone");

  await app.entry("Bleibt.txt").click();
  await page.keyboard.press("Enter");
  await page.locator("[data-testid=viewer][data-state=failed]").filter({ hasText: /reached|offline|connection/i }).waitFor(patient);
  await app.at("viewer-close").click();

  await app.choose([file("Wartet.txt")]);
  await app.transfer("Wartet.txt", "waiting").waitFor(patient);
  await context.setOffline(false);
  await app.transfer("Wartet.txt", "done").waitFor(patient);
  await gone(app.at("offline"));

  await rename(app, "Bleibt.txt", "Anders.txt");
  await moveTo(app, "Wandert.txt", "Ordner");
  await gone(app.entry("Wandert.txt"));
  await trash(app, "Geht.txt");
  assert.deepEqual(await names(app), ["Ordner", "Anders.txt", "Wartet.txt"]);
  await app.entry("Anders.txt").click();
  await page.keyboard.press("Enter");
  await app.at("viewer-text").filter({ hasText: "Bleibt.txt" }).waitFor();
  await app.at("viewer-close").click();
  await end({ lost: true });
});
