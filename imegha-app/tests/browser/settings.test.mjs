// What the cloud holds, and whether it is all there.

import assert from "node:assert/strict";
import { readdir, truncate, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { launch } from "./support/browser.mjs";
import { startServer } from "./support/server.mjs";
import { begin, file, gone, trash } from "./support/story.mjs";

let server, browser;
before(async () => {
  server = await startServer({ env: { IMEGHA_QUOTA_BYTES: "64000000" } });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await server?.remove();
});

async function to(app, page) {
  await app.at("place-settings").click();
  await app.at(page).click();
}

/** A kind of what is stored. */
async function amount(app, kind) {
  const row = app.page.locator(`[data-testid=amount][data-kind=${kind}]`);
  await row.waitFor();
  return { count: Number(await row.getAttribute("data-count")), bytes: Number(await row.getAttribute("data-bytes")) };
}

/** The objects of the only cloud that was changed last: their paths. */
async function objects(data) {
  const found = await readdir(data, { recursive: true, withFileTypes: true });
  return found.filter((one) => one.isFile() && one.parentPath.includes("/objects/")).map((one) => join(one.parentPath, one.name));
}

test("storage is counted by kind against what the server gives, with what it would cost and when that was the price", async () => {
  const { app, end } = await begin(browser, server, "stine", { files: [file("Brief.txt", "x".repeat(20_000)), "Zettel.txt"] });
  await trash(app, "Zettel.txt");
  await to(app, "to-storage");
  const newest = await amount(app, "newest");
  assert.equal(newest.count, 1);
  assert.ok(newest.bytes > 20_000 && newest.bytes < 20_300, `${newest.bytes} sealed bytes`);
  assert.equal((await amount(app, "trash")).count, 1);
  assert.ok((await amount(app, "records")).bytes > 1_000);
  assert.match(await app.at("quota").textContent(), /of 64 MB used/);
  assert.match(await app.at("estimate").textContent(), /less than \$0\.01 a month/);
  assert.match(await app.at("storage").textContent(), /list prices of 20\d\d/);

  await app.at("place-files").click();
  await app.choose([file("Noch einer.txt", "y".repeat(50_000))]);
  await app.transfer("Noch einer.txt", "done").waitFor();
  await to(app, "to-storage");
  await app.page.locator("[data-testid=amount][data-kind=newest][data-count='2']").waitFor();
  await end();
});

test("a check finds everything there; and afterwards what was lost, cut and damaged, by name", async () => {
  const before = new Set(await objects(server.data));
  const { app, page, end } = await begin(browser, server, "sven", { files: [file("Verloren.txt", "a".repeat(30_000))] });
  const [lost] = (await objects(server.data)).filter((path) => !before.has(path));
  await app.choose([file("Beschädigt.txt", "b".repeat(40_000))]);
  await app.transfer("Beschädigt.txt", "done").waitFor();
  const [damaged] = (await objects(server.data)).filter((path) => !before.has(path) && path !== lost);
  await to(app, "to-check");
  for (const [depth, words] of [["check-quick", /Contents were not read/], ["check-deep", /Every byte was read/]]) {
    await app.at(depth).click();
    await app.at("check-sound").filter({ hasText: words }).waitFor();
    assert.match(await app.at("check-sound").textContent(), /2 stored contents/);
  }

  await unlink(lost);
  await writeFile(damaged, Buffer.alloc(10, 7), { flag: "r+" });
  await app.at("check-quick").click();
  await app.at("check-problems").waitFor();
  const faults = () => app.at("check-problem").evaluateAll((lines) => lines.map((line) => [line.dataset.fault, line.querySelector("strong").textContent.trim()]).sort());
  // As long as it should be: only who reads it sees that.
  assert.deepEqual(await faults(), [["missing", "Verloren.txt"]]);
  await app.at("check-deep").click();
  await page.locator("[data-testid=check-problem][data-fault=damaged]").waitFor();
  assert.deepEqual(await faults(), [["damaged", "Beschädigt.txt"], ["missing", "Verloren.txt"]]);
  await truncate(damaged, 100);
  await app.at("check-quick").click();
  await page.locator("[data-testid=check-problem][data-fault=damaged]").waitFor();
  await end();
});

test("a check says how far it is, and stops when it is told to", { timeout: 300_000 }, async () => {
  const large = { name: "Groß.dat", mimeType: "application/octet-stream", buffer: Buffer.alloc(24_000_000, 3) };
  const { app, page, context, end } = await begin(browser, server, "selma", { files: [large] });
  await to(app, "to-check");
  // Slow enough to be seen.
  await context.route(/\/blobs\//, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 300));
    await route.continue().catch(() => {});
  });
  await app.at("check-deep").click();
  await app.at("check-progress").filter({ hasText: /of 1 files and versions, .* of 24 MB/ }).waitFor();
  assert.ok(await app.at("check-quick").isDisabled(), "one check at a time");
  await app.at("check-stop").click();
  await app.failure().filter({ hasText: "You stopped the check" }).waitFor();
  await gone(app.at("check-progress"));
  await context.unroute(/\/blobs\//);
  await page.getByTestId("way-on").click();
  await app.at("check-sound").filter({ hasText: /Every byte was read/ }).waitFor();
  await end();
});
