// The profile: what is typed is there on the next device, a picture is made small and told apart from what is none, and two devices do
// not write over each other.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { App } from "./support/app.mjs";
import { launch, openPage } from "./support/browser.mjs";
import { camera, writePhoto } from "./support/files.mjs";
import { png, whole } from "./support/hostile.mjs";
import { startServer } from "./support/server.mjs";
import { begin, gone } from "./support/story.mjs";

let server, browser, folder;
before(async () => {
  server = await startServer();
  browser = await launch();
  folder = await mkdtemp(join(tmpdir(), "imegha-profile-"));
});
after(async () => {
  await browser?.close();
  await server?.remove();
  if (folder) await rm(folder, { recursive: true, force: true });
});

async function profile(app) {
  await app.at("place-settings").click();
  await app.at("to-profile").click();
  await app.at("profile-name").waitFor();
}

async function save(app) {
  await app.at("profile-save").click();
  await app.at("toast").filter({ hasText: "Profile saved" }).last().waitFor();
  await app.at("toast-close").last().click();
}

/** Another device of the same person. */
async function device(who) {
  const opened = await openPage(browser);
  const app = new App(opened.page, server);
  await app.signIn(who);
  await app.at("place-settings").waitFor();
  return { app, ...opened };
}

/** A JPEG that a camera wrote. */
async function photo(page) {
  const path = join(folder, "Kamera.jpg");
  await writePhoto(page, path);
  return camera(await readFile(path));
}

/** The sides of the picture on the page. */
const sides = (page) =>
  page.evaluate(async () => {
    const image = document.querySelector("[data-testid=profile-picture]");
    await image.decode();
    return [image.naturalWidth, image.naturalHeight];
  });

test("what is typed is there on the next device, with the picture, made small and without what the camera wrote", async () => {
  const { app, page, who, end } = await begin(browser, server, "petra");
  // The bytes that the page is given of a picture.
  await page.evaluate(() => {
    globalThis.__given = [];
    const create = URL.createObjectURL;
    URL.createObjectURL = (blob) => (globalThis.__given.push(blob), create.call(URL, blob));
  });
  await profile(app);
  await app.at("profile-name").fill("  Petra Ünal ");
  await app.at("profile-bio").fill("Gardener.\nBeekeeper.");
  await app.at("profile-phone").fill("+49 30 1234");
  const taken = await photo(page);
  assert.ok(taken.includes("serial 4711"), "the control: the camera wrote it");
  await app.at("picture-input").setInputFiles({ name: "Kamera.jpg", mimeType: "image/jpeg", buffer: taken });
  await app.at("profile-picture").waitFor();
  assert.deepEqual(await sides(page), [512, 512]);
  const given = await page.evaluate(async () => {
    const bytes = new Uint8Array(await globalThis.__given.at(-1).arrayBuffer());
    return { size: bytes.length, text: new TextDecoder("latin1").decode(bytes) };
  });
  assert.ok(given.size < 192 * 1024, `${given.size} bytes`);
  assert.ok(!given.text.includes("Exif") && !given.text.includes("4711"), "nothing that the camera wrote is in it");
  await save(app);

  const other = await device(who);
  await profile(other.app);
  await other.app.at("profile-picture").waitFor();
  assert.equal(await other.app.at("profile-name").inputValue(), "Petra Ünal");
  assert.equal(await other.app.at("profile-bio").inputValue(), "Gardener.\nBeekeeper.");
  assert.equal(await other.app.at("profile-phone").inputValue(), "+49 30 1234");
  assert.deepEqual(await sides(other.page), [512, 512]);
  await other.app.at("picture-remove").click();
  await gone(other.app.at("profile-picture"));
  await save(other.app);
  await other.close();

  await app.at("settings-back").click();
  await profile(app);
  await app.page.waitForFunction(() => document.querySelector("[data-testid=profile-name]").value !== "");
  assert.equal(await app.at("profile-picture").count(), 0, "it was removed there");
  await end();
});

test("a60 what is no picture, or would fill the memory, is refused in words, and what is there stays", async () => {
  const { app, end } = await begin(browser, server, "paul");
  await profile(app);
  for (const [name, buffer] of [
    ["Riesig.png", png(60_000, 60_000)],
    ["Seite.png", Buffer.from("<!doctype html><script>alert(1)</script>")],
    ["Zerrissen.png", png(300, 200).subarray(0, 40)],
  ]) {
    await app.at("picture-input").setInputFiles({ name, mimeType: "image/png", buffer });
    await app.at("picture-problem").filter({ hasText: /cannot be used/ }).waitFor();
    assert.equal(await app.at("profile-picture").count(), 0, name);
    // A good one takes the words away.
    await app.at("picture-input").setInputFiles({ name: "Gut.png", mimeType: "image/png", buffer: whole(30, 20) });
    await app.at("profile-picture").waitFor();
    assert.equal((await app.at("picture-problem").textContent()).trim(), "");
    await app.at("picture-remove").click();
  }
  await app.at("profile-name").fill("x".repeat(201));
  await app.at("profile-name-problem").filter({ hasText: "1 byte too long" }).waitFor();
  await app.at("profile-save").click();
  await app.failure().filter({ hasText: "longer than can be kept" }).waitFor();
  await end();
});

test("two devices that change different things both get through; the same thing is told, and nothing is lost", async () => {
  const { app, who, end } = await begin(browser, server, "pia");
  await profile(app);
  const other = await device(who);
  await profile(other.app);
  await app.at("profile-name").fill("Pia");
  await save(app);
  await other.app.at("profile-phone").fill("110");
  await save(other.app);
  assert.equal(await other.app.at("profile-name").inputValue(), "Pia", "what the first one wrote came along");

  await other.app.at("profile-bio").fill("written there");
  await save(other.app);
  await app.at("profile-bio").fill("written here");
  await app.at("profile-save").click();
  await app.at("profile-clash").filter({ hasText: "written there" }).waitFor();
  assert.equal(await app.at("profile-bio").inputValue(), "written here", "what was typed is still there");
  await app.at("clash-take-theirs").click();
  await gone(app.at("profile-clash"));
  await app.page.waitForFunction(() => document.querySelector("[data-testid=profile-bio]").value === "written there");
  assert.equal(await app.at("profile-phone").inputValue(), "110");

  await other.app.at("profile-bio").fill("there once more");
  await save(other.app);
  await app.at("profile-bio").fill("mine stays");
  await app.at("profile-save").click();
  await app.at("profile-clash").waitFor();
  await app.at("clash-keep-mine").click();
  await app.at("toast").filter({ hasText: "Profile saved" }).waitFor();
  await other.app.at("settings-back").click();
  await profile(other.app);
  await other.page.waitForFunction(() => document.querySelector("[data-testid=profile-bio]").value === "mine stays");
  await other.close();
  await end();
});
