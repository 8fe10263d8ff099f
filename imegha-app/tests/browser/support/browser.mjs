// Chromium with a new profile, and a watch on everything that a page says or asks for.

import { chromium } from "playwright-core";

import { setting } from "./setting.mjs";

/** Starts the system's Chromium. */
export function launch() {
  return chromium.launch({
    executablePath: setting("IMEGHA_TEST_CHROMIUM"),
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A page in a context of its own, with what it did that it should not have. */
export async function openPage(browser, options = {}) {
  const context = await browser.newContext({ acceptDownloads: true, reducedMotion: "reduce", ...options });
  context.setDefaultTimeout(30_000);
  const watch = { errors: [], violations: [], requests: [] };
  // In every document, before its own scripts run. A worker's violations are written to the console.
  await context.addInitScript(() => {
    globalThis.__violations = [];
    addEventListener("securitypolicyviolation", (event) =>
      globalThis.__violations.push(`${event.effectiveDirective} blocked ${event.blockedURI}`),
    );
  });
  context.on("request", (request) => watch.requests.push(request.url()));
  context.on("console", (message) => {
    if (message.type() === "error" || /Content.Security.Policy/i.test(message.text())) watch.errors.push(message.text());
  });
  context.on("weberror", (error) => watch.errors.push(String(error.error())));
  const page = await context.newPage();
  return {
    context,
    page,
    watch,
    /** Requests that left for another place than the server, blob and data addresses aside. */
    foreign: (origin) => watch.requests.filter((url) => !url.startsWith(`${origin}/`) && !/^(blob|data):/.test(url)),
    violations: () => page.evaluate(() => globalThis.__violations),
    close: () => context.close(),
  };
}
