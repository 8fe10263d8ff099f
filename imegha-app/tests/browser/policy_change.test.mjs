// The privacy policy has changed: who accepted an older version is told, and decides.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { isRefused, otherBrowser } from "./support/account.mjs";
import { App, person } from "./support/app.mjs";
import { launch, openPage } from "./support/browser.mjs";
import { startServer } from "./support/server.mjs";
import { file, fits } from "./support/story.mjs";

let browser;
before(async () => (browser = await launch()));
after(async () => await browser?.close());

const CHANGED = { IMEGHA_POLICY_VERSION: "2", IMEGHA_POLICY_CHANGE: "The service is run by a <b>foundation</b> now." };

/** An account that accepted the first version, and a server on which the second is in force. */
async function start(name) {
  const first = await startServer();
  const opened = await openPage(browser, { viewport: { width: 390, height: 844 } });
  const who = person(name);
  const before = new App(opened.page, first);
  await before.signUp(who);
  await before.choose([file("Geheim.txt")]);
  await before.transfer("Geheim.txt", "done").waitFor();
  await first.stop();
  const server = await startServer({ data: first.data, port: first.port, env: CHANGED });
  const end = async () => {
    assert.deepEqual(await opened.violations(), []);
    await opened.close();
    await server.remove();
  };
  return { ...opened, app: new App(opened.page, server), who, server, end };
}

test("the change is shown before anything else, once accepted never again; the policy itself can be read", async () => {
  const { app, page, context, who, end } = await start("anna");
  await app.signIn(who);
  await app.at("policy-change").waitFor();
  assert.match(await app.at("policy-change").textContent(), /accepted version 1.*Version 2 is in force/s);
  assert.equal(await app.at("policy-what").textContent(), CHANGED.IMEGHA_POLICY_CHANGE, "as text, and never as markup");
  assert.ok(!(await page.content()).includes("Geheim"));
  await fits(page, "the announcement");
  const reading = context.waitForEvent("page");
  await app.at("policy-read").click();
  const policy = await reading;
  await policy.getByTestId("policy-newest").filter({ hasText: "Version 2" }).waitFor();
  await policy.close();
  // Nobody could be told: it is not accepted, and that is said.
  await context.route("**/v1/account/policy", (route) => route.abort());
  await app.at("policy-accept").click();
  await app.failure().filter({ hasText: /cannot be reached/ }).waitFor();
  await context.unroute("**/v1/account/policy");
  await app.at("policy-accept").focus();
  await page.keyboard.press("Enter");
  await app.entry("Geheim.txt").waitFor();
  await app.open("/sign-in");
  await app.signIn(who);
  await app.entry("Geheim.txt").waitFor();
  assert.equal(await app.at("policy-change").count(), 0);
  await end();
});

test("who does not accept it exports, signs out, or deletes the account", async () => {
  const { app, who, server, end } = await start("nein");
  await app.signIn(who);
  await app.at("policy-export").click();
  await app.at("export-archive").waitFor();
  await app.page.keyboard.press("Escape");
  await app.at("policy-leave").click();
  await app.at("landing").waitFor();
  await app.signIn(who);
  await app.at("policy-delete").click();
  await app.at("delete-sure").check();
  await app.at("password-now").fill(who.password);
  await app.at("delete-account").click();
  await app.at("landing").waitFor({ timeout: 60_000 });
  const other = await otherBrowser(browser, server);
  await isRefused(other.app, who);
  await other.end();
  await end();
});

test("who signs up accepts the version in force, and is told nothing", async () => {
  const server = await startServer({ env: CHANGED });
  const { page, close } = await openPage(browser);
  const app = new App(page, server);
  await app.open("/sign-up");
  await page.getByText("(version 2,").waitFor();
  await app.signUp(person("neu"));
  assert.equal(await app.at("policy-change").count(), 0);
  await close();
  await server.remove();
});
