// What opens the account is changed, where it is open is seen and ended, and it comes to its end.

import assert from "node:assert/strict";
import { test } from "node:test";

import { anotherCode, beginRecovery, choosePassword, isRefused, isSignedOut, leave, NEW_PASSWORD, otherBrowser, prove, toAccount } from "./support/account.mjs";
import { person } from "./support/app.mjs";
import { browser, server } from "./support/stage.mjs";
import { anotherTab, begin, file, fits } from "./support/story.mjs";

/** A new account with one file, on the screen, and its words. */
const start = (name, options = {}) => begin(browser, server, name, { files: ["Geheim.txt"], ...options });

/** The keys are there and open what is stored. */
async function opensFiles(app) {
  await app.at("place-files").click();
  await app.entry("Geheim.txt").waitFor();
  await app.download("Geheim.txt");
}

const toast = (app, words) => app.at("toast").filter({ hasText: words }).waitFor();

test("another password, by the keyboard: the old one is refused, files stay open, other tabs are told, other browsers signed out", async () => {
  const opened = await start("paul", { viewport: { width: 390, height: 844 } });
  const { app, page, who, violations, close } = opened;
  const tab = await anotherTab(opened);
  await tab.entry("Geheim.txt").waitFor();
  const other = await otherBrowser(browser, server);
  await other.app.signIn(who);
  await other.app.entry("Geheim.txt").waitFor();

  await toAccount(app, "to-password", "password-now");
  await fits(page, "the password");
  await page.keyboard.press("Tab");
  await app.at("password-change").click();
  await page.locator("[data-testid=password-now-problem]").filter({ hasText: /that you have now/ }).waitFor();
  // The wrong one changes nothing.
  await app.at("password-now").fill(`${who.password}!`);
  await app.at("password-new").fill(NEW_PASSWORD);
  await app.measured();
  await page.keyboard.press("Enter");
  await app.failure().filter({ hasText: /This password is wrong/ }).first().waitFor({ timeout: 60_000 });
  // A weak one is not sent.
  await app.at("password-new").fill("password1");
  await app.measured();
  await app.at("password-now").fill(who.password);
  await page.keyboard.press("Enter");
  await app.at("password-new-problem").filter({ hasText: /too easily guessed/ }).waitFor();
  await app.at("password-new").fill(NEW_PASSWORD);
  await page.locator("[data-testid=strength][data-score='4'], [data-testid=strength][data-score='3']").waitFor();
  await page.keyboard.press("Enter");
  await toast(app, "Password changed");
  assert.equal(await app.at("password-now").inputValue(), "", "it does not stay in the document");
  await opensFiles(app);
  await toast(tab, "changed in another tab");
  await tab.choose([file("Danach.txt")]);
  await app.entry("Danach.txt").waitFor();
  await isSignedOut(other.app, "Geheim");
  await isRefused(other.app, who);
  await other.app.signIn({ ...who, password: NEW_PASSWORD });
  await other.app.entry("Geheim.txt").waitFor();
  // What this browser keeps opens it still.
  await page.reload();
  await app.entry("Geheim.txt").waitFor();
  assert.deepEqual(await violations(), []);
  await other.end();
  await close();
});

test("the network goes while the password is changed: it is said that either may count, and again it is done", async () => {
  const { app, context, who, close } = await start("nelly");
  await toAccount(app, "to-password", "password-now");
  await app.at("password-now").fill(who.password);
  await app.at("password-new").fill(NEW_PASSWORD);
  await app.measured();
  // It reaches the server, and no answer comes back, however often it is asked.
  await context.route("**/v1/account/password", async (route) => {
    await route.fetch();
    await route.abort();
  });
  await app.at("password-change").click();
  const failed = app.failure().filter({ hasText: /keep both the old and the new|Too many tries/ });
  const done = app.at("toast").filter({ hasText: "Password changed" });
  await failed.or(done).first().waitFor({ timeout: 90_000 });
  await context.unroute("**/v1/account/password");
  if (await failed.isVisible()) {
    await app.at("way-on").click();
    const again = app.failure().filter({ hasText: /\S/ });
    await done.or(again).first().waitFor({ timeout: 90_000 });
  }
  await leave(app);
  // One of the two opens it, and no other: the new one where it was said to be done.
  await app.signIn({ ...who, password: NEW_PASSWORD });
  await app.entry("Geheim.txt").waitFor({ timeout: 60_000 });
  await leave(app);
  await isRefused(app, who);
  await close();
});

test("a new recovery phrase: shown once, asked back, and the old words open nothing", async () => {
  const { app, page, who, words: old, close } = await start("phila", { viewport: { width: 390, height: 844 } });
  await toAccount(app, "to-phrase", "password-now");
  await fits(page, "the phrase");
  await app.at("password-now").fill("not the password");
  await app.at("phrase-new").click();
  await app.failure().filter({ hasText: /This password is wrong/ }).waitFor({ timeout: 60_000 });
  await app.at("password-now").fill(who.password);
  await app.at("phrase-new").click();
  await app.at("phrase-word").nth(23).waitFor({ timeout: 60_000 });
  const words = await app.at("phrase-word").allTextContents();
  assert.notDeepEqual(words, old);
  await fits(page, "the words");
  await app.at("phrase-kept").click();
  for (const field of ["recall-0", "recall-1", "recall-2"]) await app.at(field).fill(old[0]);
  await app.at("recall").click();
  await app.at("recall-0-problem").filter({ hasText: /This is not word/ }).waitFor();
  await app.giveBack(words);
  await app.at("phrase-changed").waitFor({ timeout: 60_000 });
  assert.ok(!(await page.content()).includes(words[0] + "</li>"));
  await app.at("settings-back").click();
  await opensFiles(app);
  await leave(app);

  await beginRecovery(app, who.email);
  const code = await server.code(who.email, "recovery code");
  await prove(app, code, old);
  await choosePassword(app);
  await app.failure().filter({ hasText: /do not belong together/ }).waitFor({ timeout: 60_000 });
  await prove(app, code, words);
  await choosePassword(app);
  await app.entry("Geheim.txt").waitFor({ timeout: 60_000 });
  await close();
});

test("somebody has seen it: another password, other words, other keys; what is there stays, and whoever else was in is out", async () => {
  const opened = await start("sofie", { viewport: { width: 390, height: 844 } });
  const { app, page, context, who, words: old, violations, close } = opened;
  const tab = await anotherTab(opened);
  await tab.entry("Geheim.txt").waitFor();
  const other = await otherBrowser(browser, server);
  await other.app.signIn(who);
  await other.app.entry("Geheim.txt").waitFor();

  await toAccount(app, "to-renew", "password-now");
  await fits(page, "renewing");
  await app.at("password-now").fill(`${who.password}!`);
  await app.at("password-new").fill(NEW_PASSWORD);
  await app.measured();
  await app.at("renew-begin").click();
  await app.failure().filter({ hasText: /This password is wrong/ }).first().waitFor({ timeout: 60_000 });
  await app.at("password-now").fill(who.password);
  // The line breaks behind the first of the two changes: the new password counts, and going on asks for no other.
  await context.route("**/v1/account/phrase", (route) => route.abort());
  await app.at("renew-begin").click();
  await app.failure().filter({ hasText: /\S/ }).first().waitFor({ timeout: 90_000 });
  await context.unroute("**/v1/account/phrase");
  await app.at("renew-begin").click();
  await app.at("phrase-word").nth(23).waitFor({ timeout: 90_000 });
  const words = await app.at("phrase-word").allTextContents();
  assert.notDeepEqual(words, old);
  await app.at("phrase-kept").click();
  // It is done, and the answer does not come: asked again, it is found done.
  let lost = 0;
  await context.route("**/v1/account/renew", async (route) => {
    await route.fetch();
    lost += 1;
    await route.abort();
  }, { times: 1 });
  await app.giveBack(words);
  await app.at("keys-renewed").waitFor({ timeout: 120_000 });
  assert.equal(lost, 1);
  await fits(page, "what is renewed");
  await app.at("settings-back").click();
  await opensFiles(app);
  await app.choose([file("Danach.txt")]);
  await app.entry("Danach.txt").waitFor();
  // The tab beside it goes on with the new keys, which this browser keeps; whoever has the former ones is out.
  await tab.entry("Danach.txt").waitFor();
  await tab.download("Geheim.txt");
  await isSignedOut(other.app, "Geheim");
  await isRefused(other.app, who);
  await other.app.signIn({ ...who, password: NEW_PASSWORD });
  await other.app.entry("Danach.txt").waitFor();
  await other.app.download("Geheim.txt");
  // What this browser keeps is of the new keys.
  await page.reload();
  await app.entry("Danach.txt").waitFor();
  await page.goto(new URL("/settings/activity", page.url()).href);
  await page.locator("[data-testid=activity-entry][data-action=renew-keys]").filter({ hasText: "Went on under renewed keys" }).waitFor();
  assert.deepEqual(await violations(), []);
  await other.end();
  await leave(app);

  await beginRecovery(app, who.email);
  const code = await server.code(who.email, "recovery code");
  await prove(app, code, old);
  await choosePassword(app);
  await app.failure().filter({ hasText: /do not belong together/ }).waitFor({ timeout: 60_000 });
  await prove(app, code, words);
  await choosePassword(app);
  await app.entry("Danach.txt").waitFor({ timeout: 60_000 });
  await app.download("Geheim.txt");
  await close();
});

test("a new phrase that was begun and not finished: the old words open the account as before", async () => {
  const { app, page, who, words: old, close } = await start("halb");
  page.on("dialog", (dialog) => dialog.accept());
  await toAccount(app, "to-phrase", "password-now");
  await app.at("password-now").fill(who.password);
  await app.at("phrase-new").click();
  await app.at("phrase-word").nth(23).waitFor({ timeout: 60_000 });
  await beginRecovery(app, who.email);
  await prove(app, await server.code(who.email, "recovery code"), old);
  await choosePassword(app);
  await app.entry("Geheim.txt").waitFor({ timeout: 60_000 });
  await close();
});

test("another address: a code is sent there, the old one is free and opens nothing, the tab beside it follows", async () => {
  const opened = await start("erna");
  const { app, page, who, violations, close } = opened;
  const tab = await anotherTab(opened);
  await tab.entry("Geheim.txt").waitFor();
  const { email } = person("erna.neu");
  await toAccount(app, "to-email", "email-new");
  await app.at("email-begin").click();
  await app.at("email-new-problem").filter({ hasText: /Enter your email/ }).waitFor();
  await app.at("email-new").fill(email);
  await app.at("password-now").fill("not the password");
  await app.at("email-begin").click();
  await app.failure().filter({ hasText: /This password is wrong/ }).waitFor({ timeout: 60_000 });
  await app.at("password-now").fill(who.password);
  await app.at("email-begin").click();
  await app.at("email-code").waitFor({ timeout: 60_000 });
  const code = await server.code(email, "new address");
  await app.at("email-code").fill(anotherCode(code));
  await app.at("email-confirm").click();
  await app.failure().filter({ hasText: /This code is not right/ }).waitFor({ timeout: 60_000 });
  await app.at("email-code").fill(code);
  await app.at("email-confirm").click();
  await toast(app, "Address changed");
  assert.equal(await app.at("email-now").textContent(), email);
  await toast(tab, "changed in another tab");
  await tab.at("who").click();
  await tab.at("account-menu").filter({ hasText: email }).waitFor();
  await tab.page.keyboard.press("Escape");
  await opensFiles(app);
  // What this browser keeps is of the new address.
  await page.reload();
  await app.entry("Geheim.txt").waitFor();
  const other = await otherBrowser(browser, server);
  await isRefused(other.app, who);
  await other.app.signIn({ email, password: who.password });
  await other.app.entry("Geheim.txt").waitFor();
  assert.deepEqual(await violations(), []);
  await other.end();
  await close();
});

test("an address that has an account is not told: its owner gets a mail, and no code is right", async () => {
  const owner = await start("olga");
  const { app, who, close } = await start("neid");
  await toAccount(app, "to-email", "email-new");
  await app.at("email-new").fill(owner.who.email);
  await app.at("password-now").fill(who.password);
  await app.at("email-begin").click();
  await app.at("email-code").waitFor({ timeout: 60_000 });
  await app.at("email-code").fill("123456");
  await app.at("email-confirm").click();
  await app.failure().filter({ hasText: /This code is not right/ }).waitFor({ timeout: 60_000 });
  assert.match(server.output(), /move another iMegha account to your address/);
  await app.at("email-again").click();
  await app.at("email-new").waitFor();
  await owner.close();
  await close();
});

test("keys are derived with more rounds, and never with fewer again", async () => {
  const { app, who, close } = await start("stark");
  await toAccount(app, "to-strength", "iterations-new");
  assert.equal(await app.at("iterations").getAttribute("data-count"), "100000");
  await app.at("iterations-new").selectOption("300000");
  await app.at("password-now").fill(who.password);
  await app.at("strengthen").click();
  await toast(app, "takes longer now");
  await app.page.locator("[data-testid=iterations][data-count='300000']").waitFor();
  assert.deepEqual(await app.at("iterations-new").locator("option").evaluateAll((all) => all.map(({ value }) => value)), ["600000", "900000"]);
  await opensFiles(app);
  await leave(app);
  await app.signIn(who);
  await app.entry("Geheim.txt").waitFor({ timeout: 60_000 });
  await close();
});

test("sessions are listed and ended, one of them and all", async () => {
  const { app, who, violations, close } = await start("sara", { viewport: { width: 390, height: 844 } });
  const other = await otherBrowser(browser, server);
  await other.app.signIn(who);
  await other.app.entry("Geheim.txt").waitFor();
  await toAccount(app, "to-sessions", "sessions");
  await fits(app.page, "the sessions");
  assert.deepEqual(await app.at("session").evaluateAll((rows) => rows.map((row) => row.dataset.current).sort()), ["false", "true"]);
  await app.at("session-end").focus();
  await app.page.keyboard.press("Enter");
  await app.page.locator("[data-testid=sessions][data-count='1']").waitFor();
  await isSignedOut(other.app, "Geheim");

  await other.app.signIn(who);
  await other.app.entry("Geheim.txt").waitFor();
  // Nobody could be told: then it is not done, and that is said.
  await app.page.context().route("**/v1/sessions", (route) => (route.request().method() === "DELETE" ? route.abort() : route.continue()));
  await app.at("leave-everywhere").click();
  await app.at("leave-everywhere-confirm").click();
  await app.failure().filter({ hasText: /no session was ended/ }).waitFor();
  await app.page.context().unroute("**/v1/sessions");
  await app.at("leave-everywhere-confirm").click();
  await app.at("landing").waitFor();
  await isSignedOut(other.app, "Geheim");
  assert.deepEqual(await violations(), []);
  await app.signIn(who);
  await app.entry("Geheim.txt").waitFor();
  await other.end();
  await close();
});

test("this device: staying signed in and locking are where the account is, too", async () => {
  const { app, page, close } = await start("dora");
  await app.at("place-settings").click();
  await app.at("to-account").click();
  await app.at("account-stay").check();
  await page.waitForFunction(() => localStorage.getItem("imegha-stays") === "1");
  await app.at("account-lock-after").selectOption("60");
  assert.equal(await page.evaluate(() => localStorage.getItem("imegha-lock-after")), "60");
  await page.reload();
  // As soon as the keys that it keeps are open.
  await page.locator("[data-testid=account-stay]:checked").waitFor();
  await close();
});

test("the account is deleted: what stays is said before, and address, iMTag and password are nobody's any more", async () => {
  const opened = await start("karl", { viewport: { width: 390, height: 844 } });
  const { app, page, who, violations, close } = opened;
  const tab = await anotherTab(opened);
  await tab.entry("Geheim.txt").waitFor();
  await toAccount(app, "to-delete", "delete-says");
  await app.at("stays-hosted").waitFor();
  await app.at("stays-own").waitFor({ state: "detached" });
  await fits(page, "the end");
  await app.at("password-now").fill(who.password);
  await app.at("delete-account").click();
  await app.at("delete-sure-problem").filter({ hasText: /tick this/ }).waitFor();
  await app.at("delete-sure").check();
  await app.at("password-now").fill("not the password");
  await app.at("delete-account").click();
  await app.failure().filter({ hasText: /This password is wrong/ }).waitFor({ timeout: 60_000 });
  await app.at("password-now").fill(who.password);
  await app.at("delete-account").click();
  await app.at("landing").waitFor({ timeout: 60_000 });
  await toast(app, "Your account is deleted");
  await tab.at("sign-in-password").waitFor();
  assert.deepEqual(await violations(), []);
  await isRefused(app, who);
  // Another account has address and iMTag now, and nothing of the old one.
  await app.signUp({ ...who, password: NEW_PASSWORD });
  assert.equal(await app.entry("Geheim.txt").count(), 0);
  await close();
});

test("an answer is lost while the account is deleted: it is deleted, and said so", async () => {
  const { app, context, who, close } = await start("lost");
  await toAccount(app, "to-delete", "delete-says");
  let lost = 0;
  await context.route("**/v1/account/delete", async (route) => {
    lost += 1;
    if (lost > 1) return route.continue();
    await route.fetch();
    return route.abort();
  });
  await app.at("delete-sure").check();
  await app.at("password-now").fill(who.password);
  await app.at("delete-account").click();
  await app.at("landing").waitFor({ timeout: 60_000 });
  assert.equal(lost, 2);
  await isRefused(app, who);
  await close();
});
