// What somebody made to attack whoever looks at it (ATTACKS 59 and 60), from its upload to its download.

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { App, person, sha256 } from "./support/app.mjs";
import { launch, openPage } from "./support/browser.mjs";
import { giants, liar, png, scripts } from "./support/hostile.mjs";
import { peaks } from "./support/memory.mjs";
import { startServer } from "./support/server.mjs";

let server, browser, folder, elsewhere, asked, canary;
before(async () => {
  server = await startServer();
  browser = await launch();
  folder = await mkdtemp(join(tmpdir(), "imegha-hostile-"));
  // The attacker's host. It keeps count of who calls it, and serves what it is given: a page without our policy.
  asked = [];
  const served = new Map();
  elsewhere = createServer((request, response) => {
    if (request.url === "/favicon.ico") return response.writeHead(404).end();
    const { type, body } = served.get(request.url) ?? {};
    if (body === undefined) asked.push(request.url);
    response.writeHead(200, { "content-type": type ?? "text/html", "access-control-allow-origin": "*" }).end(body ?? "<!doctype html>");
  });
  elsewhere.serve = (path, type, body) => served.set(path, { type, body });
  await new Promise((resolve) => elsewhere.listen(0, "127.0.0.1", resolve));
  canary = at("/canary");
});
after(async () => {
  elsewhere?.close();
  await browser?.close();
  await server?.remove();
  if (folder) await rm(folder, { recursive: true, force: true });
});

const at = (path) => `http://127.0.0.1:${elsewhere.address().port}${path}`;
const file = (name, mimeType, content) => ({ name, mimeType, buffer: Buffer.from(content) });

/** A new account with these files, on a page that keeps account of what it gives to the browser, and of what runs. */
async function start(name, files) {
  const opened = await openPage(browser);
  await opened.context.addInitScript(() => {
    globalThis.__blobs = [];
    const create = URL.createObjectURL;
    URL.createObjectURL = (blob) => {
      const address = create.call(URL, blob);
      globalThis.__blobs.push({ type: blob.type, address });
      return address;
    };
    globalThis.__images = [];
    new MutationObserver((changes) => {
      for (const { addedNodes } of changes) {
        for (const node of addedNodes) {
          const images = node.matches?.("img") ? [node] : [...(node.querySelectorAll?.("img, iframe, object, embed") ?? [])];
          globalThis.__images.push(...images.filter((image) => !image.matches("[data-testid=thumb]")).map((image) => image.outerHTML));
        }
      }
    }).observe(document, { childList: true, subtree: true });
  });
  const ran = [];
  opened.context.on("dialog", (dialog) => (ran.push(`dialog: ${dialog.message()}`), dialog.dismiss()));
  opened.context.on("page", (page) => ran.push(`page: ${page.url()}`));
  const app = new App(opened.page, server);
  await app.signUp(person(name));
  await app.choose(files);
  for (const { name } of files) await app.transfer(name, "done").waitFor();
  await app.at("transfers-clear").click();
  const look = async (name, state) => {
    await app.entry(name).dblclick();
    await opened.page.locator(`[data-testid=viewer][data-state=${state}]`).waitFor();
  };
  const shut = async () => {
    await opened.page.keyboard.press("Escape");
    await app.at("viewer").waitFor({ state: "hidden" });
  };
  // But for the small pictures, which the worker has drawn itself, as JPEG; `pictured` says of which files there are any.
  const blobs = () => opened.page.evaluate(() => globalThis.__blobs.splice(0).filter(({ type }) => type !== "image/jpeg"));
  const pictured = () => opened.page.locator("[data-testid=entry]:has([data-testid=thumb])").evaluateAll((rows) => rows.map((row) => row.dataset.name));
  return { app, ran, look, shut, blobs, pictured, ...opened };
}

/** Whether something of it ran in this page. */
const canaryOf = (page) => page.evaluate(() => globalThis.__ran);

test("a59: the control: elsewhere, without our policy, each of them runs", async () => {
  const { html, svg, xhtml, polyglot } = scripts(canary);
  elsewhere.serve("/polyglot", "text/html", '<!doctype html><script src="/polyglot.gif"></script>');
  elsewhere.serve("/polyglot.gif", "text/javascript", polyglot);
  for (const [path, type, body] of [["/html", "text/html", html], ["/svg", "image/svg+xml", svg], ["/xhtml", "application/xhtml+xml", xhtml], ["/polyglot"]]) {
    if (body !== undefined) elsewhere.serve(path, type, body);
    const { page, context, close } = await openPage(browser);
    const dialog = new Promise((resolve) => context.once("dialog", (dialog) => resolve(dialog.dismiss())));
    asked.length = 0;
    await page.goto(at(path), { waitUntil: "commit" });
    await dialog;
    // Asked for before the dialog, and not always there before it is gone.
    for (let tries = 0; tries < 100 && !asked.includes("/canary"); tries += 1) await page.waitForTimeout(50);
    await close();
    assert.ok(asked.includes("/canary"), path);
  }
});

test("a59: uploaded, looked at and downloaded, nothing runs, nobody is asked, and no address of it is a page", async () => {
  const { html, svg, pdf, xhtml, polyglot } = scripts(canary);
  const files = [
    file("a.html", "text/html", html),
    file("b.svg", "image/svg+xml", svg),
    file("c.pdf", "application/pdf", pdf),
    file("d.png", "image/svg+xml", svg),
    file("e.gif", "image/gif", polyglot),
    file("f.js", "text/javascript", polyglot),
    file("g.txt", "text/html", `mail of ${html}`),
    file("h.xhtml", "application/xhtml+xml", xhtml),
  ];
  const { app, page, context, ran, look, shut, blobs, pictured, watch, violations, foreign, close } = await start("hella", files);
  asked.length = 0;

  // Turns red when `look` of imegha-worker's preview.rs goes by a name or type: then SVG and HTML reach the browser as images.
  for (const [name, state, shown] of [["a.html", "text", html], ["b.svg", "text", svg], ["c.pdf", "nothing"], ["d.png", "nothing"], ["g.txt", "text", `mail of ${html}`], ["h.xhtml", "text", xhtml]]) {
    await look(name, state);
    if (shown !== undefined) assert.equal(await app.at("viewer-text").textContent(), shown, name);
    assert.deepEqual(await blobs(), [], `${name} is not given to the browser`);
    await shut();
  }
  assert.deepEqual(await page.evaluate(() => globalThis.__images), [], "none of them is an element");
  assert.deepEqual((await pictured()).filter((name) => !["e.gif", "f.js"].includes(name)), [], "nor has a small picture");

  // What is an image and a script is an image, whatever it is called. Its address can be nothing else: the policy names no blob but
  // for images. Turns red with `blob:` in the script-src or frame-src of `imegha-app/src/server/headers.rs`.
  for (const name of ["e.gif", "f.js"]) {
    await look(name, "image");
    await page.waitForFunction(() => document.querySelector("[data-testid=viewer-image]")?.naturalWidth > 10_000);
    const [{ type, address }, ...more] = (await page.evaluate(() => globalThis.__blobs)).filter(({ type }) => type !== "image/jpeg");
    assert.deepEqual([type, more.length], ["image/gif", 0]);
    assert.deepEqual([await canaryOf(page), ran, await violations()], [undefined, [], []], "looked at, it is quiet");
    assert.deepEqual(await tried(page, address), { script: "blocked", module: "blocked", worker: "blocked", frame: "blocked" });
    assert.equal(await canaryOf(page), undefined);
    await page.evaluate(() => globalThis.__violations.splice(0));
    await blobs();
    assert.equal(await isImage(page, address), true);
    await shut();
    for (let tries = 0; tries < 100 && (await isImage(page, address)); tries += 1) await page.waitForTimeout(50);
    assert.equal(await isImage(page, address), false, "and the address is gone");
  }
  // What was tried by hand was said on the console.
  watch.errors.length = 0;

  // Turns red when the worker's `Parts::join` is given the type that was stored: then the address of a download is a page of ours.
  for (const { name, buffer } of files) {
    const download = await app.download(name);
    assert.equal(await sha256(download.path), createHash("sha256").update(buffer).digest("hex"), name);
    const [{ type, address }] = await blobs();
    assert.equal(type, "application/octet-stream", name);
    // Followed like a link, it is saved and not shown: the page stays where it is.
    const again = page.waitForEvent("download");
    await page.evaluate((address) => Object.assign(document.createElement("a"), { href: address }).click(), address);
    assert.deepEqual(await readFile(await (await again).path()), buffer, name);
    assert.ok(page.url().startsWith(server.origin), page.url());
    await app.at("transfers-clear").click();
  }

  assert.deepEqual(ran, []);
  assert.equal(await canaryOf(page), undefined);
  assert.deepEqual(asked, []);
  assert.equal(context.pages().length, 1);
  assert.deepEqual(await violations(), []);
  assert.deepEqual(watch.errors, []);
  assert.deepEqual(foreign(server.origin), []);
  await close();
});

/** Whether an address still gives an image: as which alone the policy lets a page ask for it. */
function isImage(page, address) {
  return page.evaluate((src) => Object.assign(new Image(), { src }).decode().then(() => true, () => false), address);
}

/** What comes of an address that is tried as something that runs. */
function tried(page, address) {
  return page.evaluate(async (address) => {
    const settled = (element) =>
      new Promise((resolve) => {
        element.onload = () => resolve("ran");
        element.onerror = () => resolve("blocked");
      });
    const put = (name, attributes) => {
      const element = Object.assign(document.createElement(name), attributes);
      const outcome = settled(element);
      document.body.append(element);
      return outcome.finally(() => element.remove());
    };
    // One that runs says nothing.
    const soon = new Promise((resolve) => setTimeout(resolve, 2_000, "ran"));
    const worker = () => {
      try {
        return Promise.race([settled(new Worker(address)), soon]);
      } catch {
        return "blocked";
      }
    };
    const refused = new Promise((resolve) =>
      addEventListener("securitypolicyviolation", ({ effectiveDirective }) => effectiveDirective === "frame-src" && resolve("blocked")),
    );
    return {
      script: await put("script", { src: address }),
      module: await put("script", { src: address, type: "module" }),
      worker: await worker(),
      frame: await Promise.race([refused, put("iframe", { src: address }).then(() => Promise.race([refused, soon]))]),
    };
  }, address);
}

test("a60: headers of giants: refused in words, and the browser is given nothing to decode", async () => {
  const bombs = Object.entries(giants()).map(([name, content]) => file(name, "", content));
  for (const { name, buffer } of bombs) assert.ok(buffer.length < 2_500_000, `${name} is small to keep: ${buffer.length}`);
  const { app, page, ran, look, shut, blobs, pictured, watch, violations, close } = await start("gunda", [
    ...bombs,
    file("frame.gif", "image/gif", liar()),
    file("whole.png", "image/png", png(300, 200, (38 + 1) * 200)),
  ]);
  // Turns red without the comparison with `MOST_SIDE` and `MOST_PIXELS` in `image` of imegha-worker's preview.rs; the last without
  // `gif_keeps_to_its_screen` there.
  for (const [name, words] of [...bombs.map(({ name }) => [name, /too large to be shown.*could fill the memory.*Download/s]), ["frame.gif", /not the image that it is called/]]) {
    await look(name, "nothing");
    await app.at("viewer-nothing").filter({ hasText: words }).waitFor();
    assert.deepEqual(await blobs(), [], name);
    await shut();
  }
  assert.deepEqual(await page.evaluate(() => globalThis.__images), [], "no image was made");
  assert.deepEqual((await pictured()).filter((name) => name !== "whole.png"), [], "nor a small one");

  // The control.
  await look("whole.png", "image");
  await page.waitForFunction(() => document.querySelector("[data-testid=viewer-image]")?.naturalWidth === 300);
  assert.deepEqual((await blobs()).map(({ type }) => type), ["image/png"]);
  assert.equal((await page.evaluate(() => globalThis.__images)).length, 1);
  assert.deepEqual([ran, watch.errors, await violations()], [[], [], []]);
  await close();
});

test("a60: a modest header before data of two gigabytes: no more is inflated than the header says", async (t) => {
  const { page, look, watch, close } = await start("ida", [file("inflated.png", "image/png", png(300, 200, 2 ** 31))]);
  await page.waitForTimeout(500);
  const before = await peaks(browser);
  await look("inflated.png", "image");
  await page.waitForFunction(() => document.querySelector("[data-testid=viewer-image]")?.naturalWidth === 300);
  const grown = (await peaks(browser)) - before;
  t.diagnostic(`the browser's processes grew by ${Math.round(grown / 1024)} MiB at most`);
  assert.ok(grown < 300 * 1024, `${grown} KiB`);
  assert.deepEqual(watch.errors, []);
  await close();
});
