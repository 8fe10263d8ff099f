// The versions of a file: each save is one, older ones come back or are removed, and before that it is said what goes.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { browser, server } from "./support/stage.mjs";
import { begin, file, gone, settled } from "./support/story.mjs";

/** Saves another content under a name that is there. */
async function save(app, name, text) {
  await app.choose([file(name, text)]);
  await app.at("taken-replace").click();
  await settled(app, 1);
  await app.at("transfers-clear").click();
}

async function versions(app, name) {
  await app.entry(name).getByTestId("more").click();
  await app.at("do-versions").click();
  await app.at("version").first().waitFor();
}

const numbers = (app) => app.at("version").evaluateAll((rows) => rows.map((row) => row.dataset.number));

async function fetched(app, number) {
  const started = app.page.waitForEvent("download");
  await app.page.locator(`[data-testid=version][data-number="${number}"]`).getByTestId("version-download").click();
  return readFile(await (await started).path(), "utf8");
}

test("an older version is fetched, put back as the newest, and removed with what it frees said before", async () => {
  const { app, page, end } = await begin(browser, server, "vera", { files: [file("Brief.txt", "the first words")] });
  await versions(app, "Brief.txt");
  assert.deepEqual(await numbers(app), ["1"]);
  assert.equal(await app.at("version-restore").count(), 0, "there is nothing to go back to");
  assert.equal(await app.at("prune-keep").count(), 0, "and nothing to remove");
  await app.at("versions-close").click();

  await save(app, "Brief.txt", "the second, longer words");
  await save(app, "Brief.txt", "the third");
  await versions(app, "Brief.txt");
  assert.deepEqual(await numbers(app), ["3", "2", "1"]);
  assert.equal(await fetched(app, 1), "the first words");
  assert.equal(await fetched(app, 3), "the third");

  await page.locator("[data-testid=version][data-number='1']").getByTestId("version-restore").click();
  await page.locator("[data-testid=version][data-number='4']").waitFor();
  assert.deepEqual(await numbers(app), ["4", "3", "2", "1"], "those in between stay");
  assert.equal(await fetched(app, 4), "the first words");

  // By the gentlest rule all of them are too young.
  await app.at("prune-words").filter({ hasText: "All older versions stay" }).waitFor();
  assert.ok(!(await app.at("prune").isVisible()));
  await app.at("prune-keep").selectOption({ label: "the last one" });
  await app.at("prune-words").filter({ hasText: "removes 2 versions" }).waitFor();
  assert.deepEqual(await numbers(app), ["4", "3", "2", "1"], "saying it removes nothing");
  await app.at("prune").click();
  await gone(page.locator("[data-testid=version][data-number='1']"));
  assert.deepEqual(await numbers(app), ["4", "3"]);
  await app.at("prune-words").filter({ hasText: "All older versions stay" }).waitFor();
  await app.at("versions-close").click();
  await gone(app.at("version"));
  const { path } = await app.download("Brief.txt");
  assert.equal(await readFile(path, "utf8"), "the first words", "the list's own is what was put back");
  await end();
});

test("without a network the versions say so, and are there again with one", { timeout: 300_000 }, async () => {
  const { app, context, end } = await begin(browser, server, "volker", { files: ["Brief.txt"] });
  await context.setOffline(true);
  await app.entry("Brief.txt").getByTestId("more").click();
  await app.at("do-versions").click();
  await app.at("versions").getByTestId("failure").filter({ hasText: /reached/ }).waitFor({ timeout: 120_000 });
  await context.setOffline(false);
  await app.at("versions").getByTestId("way-on").click();
  await app.at("version").waitFor();
  await end({ lost: true });
});
