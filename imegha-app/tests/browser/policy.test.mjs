// a52: what a page that was tampered with could try, and what the policy of every answer makes of it.
// Turns red without the Content-Security-Policy of `imegha-app/src/server/headers.rs`.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";

import { App } from "./support/app.mjs";
import { launch, openPage } from "./support/browser.mjs";
import { startServer } from "./support/server.mjs";

let server, browser, foreign, asked;
before(async () => {
  server = await startServer();
  browser = await launch();
  // Another host: another port is another origin. It serves what is asked of it, and keeps count.
  asked = [];
  foreign = createServer((request, response) => {
    asked.push(request.url);
    const headers = { "access-control-allow-origin": "*", "cross-origin-resource-policy": "cross-origin" };
    if (request.url === "/script.js") response.writeHead(200, { ...headers, "content-type": "text/javascript" }).end("globalThis.__foreign = true");
    else if (request.url === "/image.svg") response.writeHead(200, { ...headers, "content-type": "image/svg+xml" }).end('<svg xmlns="http://www.w3.org/2000/svg"/>');
    else response.writeHead(200, { ...headers, "content-type": "text/html" }).end(`<!doctype html><title>control</title><body></body>`);
  });
  await new Promise((resolve) => foreign.listen(0, "127.0.0.1", resolve));
});
after(async () => {
  foreign?.close();
  await browser?.close();
  await server?.remove();
});

const at = (path) => `http://127.0.0.1:${foreign.address().port}${path}`;

/** What of it came to pass on a page. */
async function attempts(page) {
  return page.evaluate(
    async ({ script, image }) => {
      const settled = (element) => new Promise((resolve) => {
        element.onload = () => resolve("ran");
        element.onerror = () => resolve("blocked");
      });
      const result = {};

      const inline = document.createElement("script");
      inline.textContent = "globalThis.__inline = true";
      document.body.append(inline);
      result.inline = globalThis.__inline ? "ran" : "blocked";

      const handler = document.createElement("div");
      handler.setAttribute("onclick", "globalThis.__handler = true");
      document.body.append(handler);
      handler.click();
      result.handler = globalThis.__handler ? "ran" : "blocked";

      const foreign = document.createElement("script");
      foreign.src = script;
      const ofScript = settled(foreign);
      document.body.append(foreign);
      result.script = await ofScript;

      const picture = new Image();
      const ofPicture = settled(picture);
      picture.src = image;
      result.image = await ofPicture;

      try {
        result.eval = (0, eval)("'ran'");
      } catch {
        result.eval = "blocked";
      }

      const style = document.createElement("div");
      style.setAttribute("style", "color: rgb(1, 2, 3)");
      document.body.append(style);
      result.style = getComputedStyle(style).color === "rgb(1, 2, 3)" ? "ran" : "blocked";

      const frame = document.createElement("iframe");
      frame.srcdoc = "<script>parent.__framed = true</script>";
      const ofFrame = settled(frame);
      document.body.append(frame);
      await ofFrame;
      result.frame = globalThis.__framed ? "ran" : "blocked";
      return result;
    },
    { script: at("/script.js"), image: at("/image.svg") },
  );
}

const outcome = (word) => Object.fromEntries(["inline", "handler", "script", "image", "eval", "style", "frame"].map((name) => [name, word]));

test("a52: the control: on a page without a policy all of it runs, and the other host is asked", async () => {
  const { page, close, foreign: elsewhere } = await openPage(browser);
  await page.goto(at("/control"));
  asked.length = 0;
  assert.deepEqual(await attempts(page), outcome("ran"));
  assert.deepEqual(asked.filter((url) => url !== "/favicon.ico").sort(), ["/image.svg", "/script.js"]);
  assert.ok(elsewhere(server.origin).length >= 2, "and the watch on requests sees it");
  await close();
});

for (const path of ["/", "/sign-in", "/sign-up", "/recover", "/files", "/privacy"]) {
  test(`a52: ${path}: inline and foreign scripts, foreign images, eval, styles and frames are blocked, and its own scripts run`, async () => {
    const { page, close, violations } = await openPage(browser);
    const app = new App(page, server);
    await app.open(path);
    asked.length = 0;
    assert.deepEqual(await attempts(page), outcome("blocked"));
    assert.deepEqual(asked, []);
    const directives = new Set((await violations()).map((violation) => violation.split(" ")[0]));
    for (const directive of ["script-src-elem", "script-src-attr", "img-src", "script-src", "style-src-attr"]) {
      assert.ok(directives.has(directive), `${directive} is among ${[...directives]}`);
    }
    await close();
  });
}

test("a52: every answer carries the policy, errors and assets too", async () => {
  for (const path of ["/", "/nowhere", "/pkg/worker.js", "/pkg/nothing.js", "/api/v1/nothing", "/healthz"]) {
    const policy = (await fetch(server.origin + path)).headers.get("content-security-policy");
    assert.match(policy ?? "", /default-src 'none'/, path);
    assert.doesNotMatch(policy, /unsafe-inline|'unsafe-eval'|(?<!:)\*/, path);
  }
});

test("a52: the page cannot be framed by another", async () => {
  const { page, close, watch } = await openPage(browser);
  await page.goto(at("/control"));
  await page.evaluate((address) => {
    const frame = document.createElement("iframe");
    frame.src = address;
    document.body.append(frame);
    return new Promise((resolve) => (frame.onload = resolve));
  }, server.origin);
  assert.ok(watch.errors.some((text) => /frame-ancestors/.test(text)), watch.errors.join("\n"));
  await close();
});
