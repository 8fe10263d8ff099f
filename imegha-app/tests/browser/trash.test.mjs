// The trash, where it is hard: what comes back finds its folder gone or its name taken.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { browser, server } from "./support/stage.mjs";
import { begin, enter, file, gone, names, trash } from "./support/story.mjs";

async function restore(app, name) {
  await app.entry(name).click();
  await app.at("bar-restore").click();
  await gone(app.entry(name));
}

test("what comes back from the trash finds a place: its folder, the uppermost one when that is gone, and another name when its own is taken", async () => {
  const { app, page, end } = await begin(browser, server, "tilda", { folders: ["Ablage", "Keller"] });
  await enter(app, "Ablage");
  await app.choose([file("Waise.txt", "from a folder that is gone")]);
  await app.entry("Waise.txt").waitFor();
  await trash(app, "Waise.txt");
  await app.at("crumbs").getByRole("link", { name: "My files" }).click();
  await enter(app, "Keller");
  await app.choose([file("Brief.txt", "the first"), file("Mit dabei.txt")]);
  await app.entry("Brief.txt").waitFor();
  await app.entry("Mit dabei.txt").waitFor();
  await trash(app, "Brief.txt");
  await app.choose([file("Brief.txt", "the second")]);
  await app.entry("Brief.txt").waitFor();
  await app.at("crumbs").getByRole("link", { name: "My files" }).click();
  await trash(app, "Ablage");
  await app.at("transfers-clear").click();

  await app.at("place-trash").click();
  await app.entry("Waise.txt").waitFor();
  assert.deepEqual((await names(app)).sort(), ["Ablage", "Brief.txt", "Waise.txt"]);
  // Its folder is in the trash itself: it does not come back into that.
  await restore(app, "Waise.txt");
  await restore(app, "Brief.txt");
  await app.entry("Ablage").click();
  await app.at("bar-purge").click();
  await app.at("purge-confirm").click();
  await app.at("trash-empty").waitFor();

  await app.at("place-files").click();
  await app.entry("Waise.txt").waitFor();
  assert.deepEqual(await names(app), ["Keller", "Waise.txt"]);
  assert.equal(await readFile((await app.download("Waise.txt")).path, "utf8"), "from a folder that is gone");
  await enter(app, "Keller");
  await app.entry("Brief (2).txt").waitFor();
  assert.equal(await readFile((await app.download("Brief.txt")).path, "utf8"), "the second");
  assert.equal(await readFile((await app.download("Brief (2).txt")).path, "utf8"), "the first");
  await app.at("transfers-clear").click();

  // A folder goes and comes whole.
  await app.at("crumbs").getByRole("link", { name: "My files" }).click();
  await trash(app, "Keller");
  await app.at("place-trash").click();
  await restore(app, "Keller");
  await app.at("place-files").click();
  await enter(app, "Keller");
  await app.entry("Mit dabei.txt").waitFor();
  assert.equal(await page.getByTestId("entry").count(), 3);

  // Emptied, it is empty for who comes back, too.
  await trash(app, "Mit dabei.txt");
  await app.at("place-trash").click();
  await app.entry("Mit dabei.txt").waitFor();
  await app.at("empty-trash").click();
  await app.at("purge-confirm").click();
  await app.at("trash-empty").waitFor();
  await app.at("place-files").click();
  await app.at("place-trash").click();
  await app.at("trash-empty").waitFor();
  await end();
});
