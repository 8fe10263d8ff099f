// Photos: a small picture of each is made on the device, shown where it is near the screen, and all stand in a timeline.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { launch } from "./support/browser.mjs";
import { camera, writePhoto } from "./support/files.mjs";
import { png, whole } from "./support/hostile.mjs";
import { startServer } from "./support/server.mjs";
import { begin, enter, file, gone, names, settled } from "./support/story.mjs";

let server, browser, folder;
before(async () => {
  server = await startServer();
  browser = await launch();
  folder = await mkdtemp(join(tmpdir(), "imegha-photos-"));
});
after(async () => {
  await browser?.close();
  await server?.remove();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** A JPEG of Chromium's, 1600 wide and 1200 high. */
async function photo(page) {
  const path = join(folder, "photo.jpg");
  await writePhoto(page, path);
  return readFile(path);
}

const thumb = (app, name) => app.entry(name).getByTestId("thumb");
const sides = (image) => image.evaluate(async (image) => (await image.decode(), [image.naturalWidth, image.naturalHeight]));

test("an uploaded image has a small picture, the way up that its camera says; what is no image has its icon", async () => {
  const { app, page, end } = await begin(browser, server, "fritz", { files: ["Brief.txt"] });
  const plain = await photo(page);
  await app.choose([
    { name: "Quer.jpg", mimeType: "image/jpeg", buffer: plain },
    { name: "Hoch.jpg", mimeType: "image/jpeg", buffer: camera(plain, { orientation: 6 }) },
    { name: "Klein.png", mimeType: "image/png", buffer: whole(30, 20) },
    { name: "Riesig.png", mimeType: "image/png", buffer: png(60_000, 60_000) },
    file("Gelogen.jpg", "<script>alert(1)</script>"),
  ]);
  await settled(app, 5);
  await app.at("transfers-clear").click();
  assert.deepEqual(await sides(thumb(app, "Quer.jpg")), [400, 300]);
  assert.deepEqual(await sides(thumb(app, "Hoch.jpg")), [300, 400]);
  assert.deepEqual(await sides(thumb(app, "Klein.png")), [30, 20], "never larger than the image");
  for (const name of ["Brief.txt", "Riesig.png", "Gelogen.jpg"]) assert.equal(await thumb(app, name).count(), 0, name);

  // A new version has another picture, and what is uploaded is not touched by it.
  await app.choose([{ name: "Klein.png", mimeType: "image/png", buffer: whole(20, 40) }]);
  await app.at("taken-replace").click();
  await settled(app, 1);
  await page.waitForFunction(() => document.querySelector("[data-name='Klein.png'] [data-testid=thumb]")?.naturalHeight === 40);
  const { path } = await app.download("Hoch.jpg");
  assert.ok((await readFile(path)).equals(camera(plain, { orientation: 6 })), "the file itself is as it was, with all that the camera wrote");
  await app.at("layout").click();
  await page.locator(".shelf.tiles").waitFor();
  assert.deepEqual(await sides(thumb(app, "Quer.jpg")), [400, 300]);
  await end();
});

test("the timeline has the images of all folders by when they were taken; a press looks at one, and arrows go on", async () => {
  const { app, page, end } = await begin(browser, server, "frieda", { folders: ["Reise"] });
  await app.at("place-photos").click();
  await app.at("photos-empty").waitFor();
  await app.at("place-files").click();
  const plain = await photo(page);
  const taken = (time) => camera(plain, { time });
  await app.choose([
    { name: "Sommer.jpg", mimeType: "image/jpeg", buffer: taken("2024:07:15 10:00:00") },
    { name: "Winter.jpg", mimeType: "image/jpeg", buffer: taken("2023:12:24 18:00:00") },
    file("Brief.txt"),
  ]);
  await settled(app, 3);
  await app.at("transfers-clear").click();
  await enter(app, "Reise");
  await app.choose([{ name: "Sommer 2.jpg", mimeType: "image/jpeg", buffer: taken("2024:07:01 09:00:00") }]);
  await settled(app, 1);
  await app.at("transfers-clear").click();

  await app.at("place-photos").click();
  await app.at("photo").nth(2).waitFor();
  const shown = () => app.at("photo").evaluateAll((tiles) => tiles.map((tile) => tile.dataset.name));
  assert.deepEqual(await shown(), ["Sommer.jpg", "Sommer 2.jpg", "Winter.jpg"]);
  assert.deepEqual((await app.at("month").allTextContents()).map((text) => text.trim()), ["July 2024 · 2 photos", "December 2023 · 1 photo"]);
  await app.at("photo").first().getByTestId("thumb").waitFor();
  await app.at("photo").first().focus();
  // With another key held down an arrow is the browser's.
  for (const keys of ["Shift+ArrowRight", "Control+ArrowRight"]) await page.keyboard.press(keys);
  assert.equal(await page.evaluate(() => document.activeElement.dataset.name), "Sommer.jpg");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  await page.locator("#viewer-name").filter({ hasText: "Sommer 2.jpg" }).waitFor();
  await page.keyboard.press("ArrowRight");
  await page.locator("#viewer-name").filter({ hasText: "Winter.jpg" }).waitFor();
  await page.keyboard.press("Escape");
  await gone(page.locator("#viewer-name"));
  await end();
});

test("of many photos only those near the screen are fetched, six at a time, and locking takes all of them back", { timeout: 600_000 }, async () => {
  const { app, page, context, end } = await begin(browser, server, "felix", { viewport: { width: 800, height: 700 } });
  await page.evaluate(() => {
    globalThis.__kept = new Set();
    const [create, revoke] = [URL.createObjectURL, URL.revokeObjectURL];
    URL.createObjectURL = (blob) => {
      const address = create.call(URL, blob);
      globalThis.__kept.add(address);
      return address;
    };
    URL.revokeObjectURL = (address) => (globalThis.__kept.delete(address), revoke.call(URL, address));
  });
  await app.choose(Array.from({ length: 150 }, (_, index) => ({ name: `Bild ${index}.png`, mimeType: "image/png", buffer: whole(40 + index, 30) })));
  await settled(app, 150, 400_000);
  await app.at("transfers-clear").click();
  assert.equal((await names(app)).length, 150, "all rows are drawn");
  await page.waitForTimeout(500);
  assert.ok((await app.at("thumb").count()) < 60, "of the pictures only those near the screen");
  let [under, most] = [0, 0];
  await context.route(/\/blobs\//, async (route) => {
    most = Math.max(most, (under += 1));
    await new Promise((resolve) => setTimeout(resolve, 100));
    under -= 1;
    await route.continue().catch(() => {});
  });
  await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight));
  await app.entry("Bild 149.png").getByTestId("thumb").waitFor();
  assert.ok(most > 1 && most <= 6, `${most} at once`);
  await context.unroute(/\/blobs\//);
  assert.ok((await page.evaluate(() => globalThis.__kept.size)) > 10);
  await app.at("who").click();
  await app.at("lock-now").click();
  await app.at("locked").waitFor();
  assert.equal(await page.evaluate(() => globalThis.__kept.size), 0, "nothing of them is left on a locked page");
  await end();
});
