// What was done to the cloud: all of it, filtered, as a file, and never what somebody else wrote into the log.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { App } from "./support/app.mjs";
import { browser, server } from "./support/stage.mjs";
import { begin, file, gone, moveTo, rename, trash } from "./support/story.mjs";

const actions = (app) => app.at("activity-entry").evaluateAll((lines) => lines.map((line) => line.dataset.action));

async function activity(app) {
  await app.at("place-settings").click();
  await app.at("to-activity").click();
  await app.at("activity-entry").first().waitFor();
}

test("every change stands there with what it was done to, filtered by action, day and file, and as lines of JSON", async () => {
  const { app, page, end } = await begin(browser, server, "arno", { files: ["Brief.txt", "Zettel.txt"], folders: ["Ablage"] });
  await rename(app, "Brief.txt", "Post.txt");
  await app.page.keyboard.press("Escape");
  await moveTo(app, "Post.txt", "Ablage");
  await gone(app.entry("Post.txt"));
  await trash(app, "Zettel.txt");

  await activity(app);
  const all = await actions(app);
  assert.equal(all.at(-1), "create-cloud");
  assert.equal(all[0], "trash");
  assert.ok(all.indexOf("move") < all.indexOf("rename"), "the newest first");
  for (const action of ["upload", "create-folder", "rename", "move", "trash"]) assert.ok(all.includes(action), action);
  await app.at("activity-proof").waitFor();
  const moved = page.locator("[data-testid=activity-entry][data-action=move]");
  assert.match(await moved.textContent(), /Post\.txt.*in.*Ablage/s, "as it is called now, and where it is");

  await app.at("activity-action").selectOption("rename");
  await gone(page.locator("[data-testid=activity-entry][data-action=upload]"));
  await app.at("activity-entry").first().waitFor();
  assert.deepEqual(await actions(app), ["rename"]);
  const day = (ms) => new Date(ms).toLocaleDateString("sv");
  await app.at("activity-since").fill(day(Date.now() + 2 * 86_400_000));
  await app.at("activity-none").waitFor();
  await app.at("activity-since").fill(day(Date.now() - 86_400_000));
  await app.at("activity-until").fill(day(Date.now() + 86_400_000));
  await app.at("activity-entry").first().waitFor();
  assert.deepEqual(await actions(app), ["rename"]);

  const started = page.waitForEvent("download");
  await app.at("activity-export").click();
  const saved = await started;
  assert.equal(saved.suggestedFilename(), "imegha-activity.jsonl");
  const lines = (await readFile(await saved.path(), "utf8")).trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(lines.map(({ action }) => action), ["rename"], "what is filtered is what is saved");
  assert.match(lines[0].nodes[0], /^[0-9a-f]{32}$/);
  await app.at("toast").filter({ hasText: "Saved 1 entry" }).waitFor();

  // Of one file, from its menu.
  await app.at("place-files").click();
  await app.entry("Ablage").getByTestId("open").click();
  await app.entry("Post.txt").getByTestId("more").click();
  await app.at("do-activity").click();
  await app.at("activity-node").waitFor();
  await app.at("activity-entry").first().waitFor();
  assert.deepEqual((await actions(app)).filter((action) => action !== "rekey" && action !== "mark-stale"), ["move", "rename", "upload"]);
  await app.at("activity-node-clear").click();
  await page.locator("[data-testid=activity-entry][data-action=create-cloud]").waitFor();
  await end();
});

test("a long log comes page by page", { timeout: 300_000 }, async () => {
  const many = Array.from({ length: 60 }, (_, index) => file(`Blatt ${index}.txt`));
  const { app, page, end } = await begin(browser, server, "agathe", { files: many });
  await activity(app);
  const first = await app.at("activity-entry").count();
  assert.equal(first, 50);
  await app.at("activity-more").click();
  await page.locator("[data-testid=activity-entry][data-action=create-cloud]").waitFor();
  const seqs = await app.at("activity-entry").evaluateAll((lines) => lines.map((line) => Number(line.dataset.seq)));
  assert.deepEqual(seqs, Array.from({ length: seqs.length }, (_, index) => seqs.length - index), "without a gap, down to the first");
  await gone(app.at("activity-more"));
  await end();
});

test("whoever is not signed in is sent to sign in, and comes back", async () => {
  const { app, who, page, context, end } = await begin(browser, server, "adele");
  const other = await context.newPage();
  const tab = new App(other, server);
  await tab.open("/settings/activity");
  await tab.at("sign-in").waitFor();
  assert.equal(new URL(other.url()).searchParams.get("next"), "/settings/activity");
  await tab.at("sign-in-email").fill(who.email);
  await tab.at("sign-in-password").fill(who.password);
  await tab.at("sign-in").click();
  await tab.at("activity-entry").first().waitFor();
  assert.ok(page.url().startsWith(app.server.origin));
  await end();
});
