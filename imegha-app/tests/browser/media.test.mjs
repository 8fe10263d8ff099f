// Sounds and films: played part by part, forward and back, and nothing else of them.

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { launch, openPage } from "./support/browser.mjs";
import { film, writeSound } from "./support/media.mjs";
import { startServer } from "./support/server.mjs";
import { begin } from "./support/story.mjs";

let server, browser, folder;
before(async () => {
  server = await startServer();
  browser = await launch();
  folder = await mkdtemp(join(tmpdir(), "imegha-media-"));
});
after(async () => {
  await browser?.close();
  await server?.remove();
  if (folder) await rm(folder, { recursive: true, force: true });
});

const file = (name, mimeType, content) => ({ name, mimeType, buffer: Buffer.from(content) });

async function start(name, files) {
  const opened = await begin(browser, server, name);
  const { app, page } = opened;
  for (const one of files) {
    await app.choose([one]);
    await app.transfer(one.name ?? one.split("/").at(-1), "done").waitFor({ timeout: 120_000 });
  }
  await app.at("transfers-clear").click();
  const look = async (name, state) => {
    await app.entry(name).dblclick();
    await page.locator(`[data-testid=viewer][data-state=${state}]`).waitFor();
  };
  const shut = async () => {
    await page.keyboard.press("Escape");
    await app.at("viewer").waitFor({ state: "hidden" });
  };
  return { look, shut, ...opened };
}

/** What is told of what plays. */
const media = (page) =>
  page.evaluate(() => {
    const { duration, currentTime, seeking, readyState, videoWidth, error } = document.querySelector("[data-testid=viewer-media]");
    return { duration, currentTime, seeking, readyState, videoWidth, error: error?.message };
  });

const jump = async (page, seconds) => {
  await page.evaluate((seconds) => {
    const element = document.querySelector("[data-testid=viewer-media]");
    globalThis.__jumped = new Promise((resolve) => element.addEventListener("seeked", resolve, { once: true }));
    element.currentTime = seconds;
  }, seconds);
  await page.evaluate(() => globalThis.__jumped);
};

test("twenty-five minutes of sound are played from where one jumps to, and no more of them is fetched than is heard", async (t) => {
  const path = join(folder, "Vortrag.wav");
  await writeSound(path, 1_500);
  const { app, page, context, look, shut, watch, end } = await start("mona", [path]);
  let bytes = 0;
  context.on("response", async (response) => {
    if (/\/blobs\//.test(response.url()) && response.request().method() === "GET") bytes += Number(response.headers()["content-length"] ?? 0);
  });
  await look("Vortrag.wav", "sound");
  await page.waitForFunction(() => document.querySelector("[data-testid=viewer-media]")?.readyState >= 1);
  assert.ok(Math.abs((await media(page)).duration - 1_500) < 0.1, "it knows how long it is");
  await jump(page, 1_400);
  await jump(page, 30);
  const { currentTime, error } = await media(page);
  assert.deepEqual([Math.round(currentTime), error], [30, undefined]);
  t.diagnostic(`${Math.round(bytes / 1e6)} MB of 144 were fetched`);
  // Wherever one jumps to, three windows of 4 MiB are on their way at most.
  assert.ok(bytes > 0 && bytes < 100_000_000, `${bytes}`);

  // By the keyboard: the arrows belong to what plays.
  await app.at("viewer-media").focus();
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction(() => document.querySelector("[data-testid=viewer-media]").currentTime > 30);
  assert.equal(await app.at("viewer").getAttribute("data-state"), "sound");
  const address = await page.evaluate(() => document.querySelector("[data-testid=viewer-media]").currentSrc);
  const headers = await page.evaluate(async (address) => {
    const answer = await fetch(address, { headers: { range: "bytes=0-43" } });
    return { status: answer.status, length: (await answer.arrayBuffer()).byteLength, ...Object.fromEntries(answer.headers) };
  }, address);
  assert.deepEqual(
    [headers.status, headers.length, headers["content-range"], headers["content-type"], headers["x-content-type-options"], headers["cache-control"]],
    [206, 44, "bytes 0-43/144000044", "audio/wav", "nosniff", "no-store"],
  );
  assert.match(headers["content-security-policy"], /default-src 'none'; sandbox/);
  await shut();
  // Turns red when the worker goes on answering for what is not looked at any more (`look_away` of imegha-worker).
  const told = context.waitForEvent("console", (message) => message.type() === "error");
  const status = await page.evaluate((address) => fetch(address).then((answer) => answer.status), address);
  assert.equal(status, 404);
  // Which Chromium says on the console, sooner or later.
  await told;
  watch.errors.splice(0, 1);
  await end({ lost: true });
});

test("a film is seen, and what only begins like one is said to be unplayable, with its download", async () => {
  const opened = await openPage(browser);
  await opened.page.goto(server.origin);
  const bytes = await film(opened.page);
  await opened.close();
  assert.ok(bytes.length > 1_000, "it was recorded");
  const { app, page, look, shut, close } = await start("fritzi", [
    file("Film.webm", "video/webm", bytes),
    file("Kaputt.mp4", "video/mp4", Buffer.concat([Buffer.from("\0\0\0\x20ftypisom\0\0\x02\0isomiso2avc1mp41", "latin1"), Buffer.alloc(4_000, 7)])),
    file("Alt.avi", "video/x-msvideo", Buffer.from("RIFF\0\0\0\0AVI LIST", "latin1")),
    file("Vertrag.pdf", "application/pdf", "%PDF-1.7\n1 0 obj<<>>endobj"),
  ]);
  await look("Film.webm", "film");
  await page.waitForFunction(() => document.querySelector("[data-testid=viewer-media]")?.readyState >= 2);
  assert.equal((await media(page)).videoWidth, 320);
  await page.evaluate(() => document.querySelector("[data-testid=viewer-media]").play());
  await page.waitForFunction(() => document.querySelector("[data-testid=viewer-media]").currentTime > 0.3);
  await shut();

  await look("Kaputt.mp4", "unplayable");
  assert.match(await app.at("viewer-unplayable").textContent(), /cannot play it.*Download/s);
  await shut();
  await look("Alt.avi", "nothing");
  assert.match(await app.at("viewer-nothing").textContent(), /cannot play it.*Download/s);
  await shut();
  await look("Vertrag.pdf", "nothing");
  assert.match(await app.at("viewer-nothing").textContent(), /PDFs are not opened here.*Download/s);
  await shut();
  await close();
});

test("a59: what begins like a film and is a page with script: it is played, or not, and nothing of it runs", async () => {
  const script = "globalThis.__ran=true;parent.__ran=true;top.__ran=true";
  const html = `<!doctype html><script>${script}</script><svg xmlns="http://www.w3.org/2000/svg" onload="${script}"/>`;
  const begins = ["\0\0\0\x20ftypisom", "ID3\x04\0\0\0\0\0\0", "OggS\0\x02", "\x1a\x45\xdf\xa3", "RIFF\0\0\0\0WAVE", "fLaC"];
  const files = begins.map((head, index) => file(`${index}.html`, "text/html", Buffer.from(head + html, "latin1")));
  const { app, page, context, watch, shut, close } = await start("hostilia", files);
  const ran = [];
  context.on("dialog", (dialog) => (ran.push(dialog.message()), dialog.dismiss()));
  context.on("page", (opened) => ran.push(opened.url()));
  for (const { name } of files) {
    const asked = page.waitForRequest(/\/stream\//);
    await app.entry(name).dblclick();
    const address = (await asked).url();
    await page.locator("[data-testid=viewer]:is([data-state=sound],[data-state=film],[data-state=unplayable])").waitFor();
    // The address, opened as a page, in a frame and as a script, is none. Turns red without `playing` in `Worker::stream` of imegha-worker
    // for the frame, and without the content type of `public/pkg/streams.js` for the script.
    const tried = await page.evaluate(async (address) => {
      const settled = (element) =>
        new Promise((resolve) => {
          element.onload = () => resolve("loaded");
          element.onerror = () => resolve("blocked");
          setTimeout(resolve, 1_500, "nothing");
        });
      const frame = Object.assign(document.createElement("iframe"), { src: address });
      const ofFrame = settled(frame);
      document.body.append(frame);
      await ofFrame;
      let text = "";
      try {
        text = frame.contentDocument?.documentElement?.textContent ?? "";
      } catch {
        text = "";
      }
      frame.remove();
      const element = Object.assign(document.createElement("script"), { src: address });
      const ofScript = settled(element);
      document.body.append(element);
      const script = await ofScript;
      element.remove();
      return { script, framed: text.includes("__ran") };
    }, address);
    assert.deepEqual(tried, { script: "blocked", framed: false }, name);
    await shut();
  }
  assert.equal(await page.evaluate(() => globalThis.__ran), undefined);
  assert.deepEqual(ran, []);
  assert.equal(context.pages().length, 1);
  watch.errors.length = 0;
  await close();
});
