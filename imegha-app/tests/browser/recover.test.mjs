// Getting back in without the password: the code of a mail, the 24 words, a new password.

import assert from "node:assert/strict";
import { test } from "node:test";

import { anotherCode, beginRecovery, choosePassword, isRefused, isSignedOut, leave, NEW_PASSWORD, otherBrowser, prove } from "./support/account.mjs";
import { App, person } from "./support/app.mjs";
import { browser, server } from "./support/stage.mjs";
import { anotherTab, begin, file, fits } from "./support/story.mjs";

const RECOVERY = "recovery code";

/** A new account with one file, signed out or not, and its words. */
async function start(name, { left = true, ...options } = {}) {
  const opened = await begin(browser, server, name, { files: ["Geheim.txt"], ...options });
  if (left) await leave(opened.app);
  return opened;
}

test("address, code and words, a new password, and one is in: the old password opens nothing any more, anywhere", async () => {
  const { app, who, words, violations, close } = await start("rosa", { viewport: { width: 390, height: 844 } });
  await app.open("/recover");
  await fits(app.page, "the address");
  await beginRecovery(app, who.email);
  await fits(app.page, "the code");
  const code = await server.code(who.email, RECOVERY);
  await app.at("recover-code").fill(code);
  // As it was saved: with numbers, and in lines.
  await app.at("recover-words").fill(words.map((word, index) => `${index + 1}. ${word}`).join("\n"));
  assert.equal(await app.at("recover-words-count").textContent(), "24 words of 24.");
  await fits(app.page, "the words");
  await app.at("recover-prove").click();
  await app.at("recover-password").waitFor();
  await app.at("recover-password").fill("password1");
  await app.measured();
  await app.at("recover-send").click();
  await app.at("recover-password-problem").filter({ hasText: /too easily guessed/ }).waitFor();
  await choosePassword(app);
  await app.entry("Geheim.txt").waitFor({ timeout: 60_000 });
  await app.entry("Geheim.txt").getByTestId("download").waitFor({ state: "attached" });
  assert.deepEqual(await violations(), []);

  const other = await otherBrowser(browser, server);
  await isRefused(other.app, who);
  await other.app.signIn({ ...who, password: NEW_PASSWORD });
  await other.app.entry("Geheim.txt").waitFor();
  await other.end();
  await close();
});

test("by the keyboard alone", async () => {
  const { app, page, who, words, close } = await start("tasta");
  await app.open("/recover");
  await app.at("recover-email").focus();
  await page.keyboard.type(who.email);
  await page.keyboard.press("Enter");
  await app.at("recover-code").waitFor();
  // The heading of the step has the keyboard; the code comes next.
  await page.waitForFunction(() => document.activeElement?.tagName === "H1");
  await page.keyboard.press("Tab");
  await page.keyboard.type(await server.code(who.email, RECOVERY));
  await page.keyboard.press("Tab");
  await page.keyboard.insertText(words.join(" "));
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await app.at("recover-password").waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === "H1");
  await page.keyboard.press("Tab");
  await page.keyboard.type(NEW_PASSWORD);
  await app.measured();
  await page.keyboard.press("Enter");
  await app.entry("Geheim.txt").waitFor({ timeout: 60_000 });
  await close();
});

test("words that cannot be a phrase are refused by their place before anything is sent", async () => {
  const { app, who, words, watch, close } = await start("wanda");
  await beginRecovery(app, who.email);
  await app.at("recover-prove").click();
  await app.at("recover-code-problem").filter({ hasText: /six digits/ }).waitFor();
  await app.at("recover-words-problem").filter({ hasText: /Enter your 24 words/ }).waitFor();
  await app.at("recover-code").fill("123456");
  const asked = watch.requests.length;
  const refused = async (typed, problem) => {
    await app.at("recover-words").fill(typed);
    await app.at("recover-prove").click();
    await app.at("recover-words-problem").filter({ hasText: problem }).waitFor();
  };
  await refused(words.slice(1).join(" "), /These are 23 words/);
  await refused(words.with(6, "nonsens").join(" "), /Word 7 is in no recovery phrase/);
  await refused(words.with(3, "straße").join(" "), /a to z/);
  // Every word exists, and they are too few of the ones that belong together.
  await refused([words[1], words[0], ...words.slice(2)].join(" "), /two are swapped/);
  assert.deepEqual(watch.requests.slice(asked).filter((url) => url.includes("/api/")), [], "nobody was asked");
  await close();
});

test("other words, and an address without an account, are refused alike; a wrong code is said, and too many end it", async () => {
  const { app, who, words, close } = await start("falk");
  const another = await start("falke");
  const notThere = person("niemand");
  // No mail is sent there, and nothing tells that.
  await beginRecovery(another.app, notThere.email);
  await prove(another.app, "123456", another.words);
  await choosePassword(another.app);
  await another.app.failure().filter({ hasText: /do not belong together/ }).waitFor({ timeout: 60_000 });
  assert.ok(!server.output().includes(notThere.email));

  await beginRecovery(app, who.email);
  const code = await server.code(who.email, RECOVERY);
  await prove(app, code, another.words);
  await choosePassword(app);
  await app.failure().filter({ hasText: /do not belong together/ }).waitFor({ timeout: 60_000 });
  // The step in which it can be mended, with what was typed.
  assert.equal(await app.at("recover-code").inputValue(), code);
  for (let tries = 0; tries < 5; tries += 1) {
    await prove(app, anotherCode(code), words);
    await choosePassword(app);
    await app.failure().filter({ hasText: /This code is not right/ }).waitFor({ timeout: 60_000 });
  }
  await prove(app, code, words);
  await choosePassword(app);
  await app.failure().filter({ hasText: /This code no longer counts/ }).waitFor({ timeout: 60_000 });
  // So soon no other one is sent, and that is said; the words stay.
  await app.at("way-on").click();
  await app.failure().filter({ hasText: /can be sent in/ }).waitFor();
  assert.equal(await app.at("recover-words").inputValue(), words.join(" "));
  // Nothing of it has touched the account.
  await app.signIn(who);
  await app.entry("Geheim.txt").waitFor();
  await another.close();
  await close();
});

test("what was recovered is recovered again, with the same words", async () => {
  const { app, who, words, close } = await start("ida");
  await beginRecovery(app, who.email);
  await prove(app, await server.code(who.email, RECOVERY), words);
  await choosePassword(app);
  await app.entry("Geheim.txt").waitFor({ timeout: 60_000 });
  await leave(app);
  await app.open("/recover");
  await app.at("recover-email").fill(who.email);
  await app.at("recover-begin").click();
  // A code was sent within this minute.
  const asked = app.failure().filter({ hasText: /Too many tries/ });
  await asked.or(app.at("recover-code")).first().waitFor();
  if (await asked.isVisible()) {
    await new Promise((resolve) => setTimeout(resolve, 61_000));
    await app.at("way-on").click();
    await app.at("recover-code").waitFor();
  }
  await prove(app, await server.code(who.email, RECOVERY), words);
  await choosePassword(app, `${NEW_PASSWORD} again`);
  await app.entry("Geheim.txt").waitFor({ timeout: 60_000 });
  await leave(app);
  await isRefused(app, { ...who, password: NEW_PASSWORD });
  await close();
});

for (const [step, path] of [["the first", "**/v1/recovery/open"], ["the second", "**/v1/recovery/finish"]]) {
  test(`the network goes behind ${step} of what is sent: what was typed stays, and it is brought to its end`, async () => {
    const { app, page, context, who, words, close } = await start("nora");
    await beginRecovery(app, who.email);
    await prove(app, await server.code(who.email, RECOVERY), words);
    // The server does it, and its answer is lost.
    let lost = 0;
    await context.route(path, async (route) => {
      lost += 1;
      if (lost > 1) return route.continue();
      await route.fetch();
      return route.abort();
    });
    await choosePassword(app);
    const unreachable = app.failure().filter({ hasText: /cannot be reached/ });
    await unreachable.or(app.entry("Geheim.txt")).first().waitFor({ timeout: 60_000 });
    assert.equal(lost >= 1, true);
    if (await unreachable.isVisible()) {
      assert.equal(await app.at("recover-password").inputValue(), NEW_PASSWORD);
      await app.at("way-on").click();
      const expired = app.failure().filter({ hasText: /no longer counts|not right/ });
      await expired.or(app.entry("Geheim.txt")).first().waitFor({ timeout: 60_000 });
      if (await expired.isVisible()) {
        // The code is used up: with another one the same words do it.
        await page.locator("[data-testid=resend]:enabled").waitFor({ timeout: 90_000 });
        await app.at("resend").click();
        await page.getByText("A new code is on its way").waitFor();
        await prove(app, await server.code(who.email, RECOVERY), words);
        await choosePassword(app);
        await app.entry("Geheim.txt").waitFor({ timeout: 60_000 });
      }
    }
    await leave(app);
    await isRefused(app, who);
    await app.signIn({ ...who, password: NEW_PASSWORD });
    await app.entry("Geheim.txt").waitFor();
    await close();
  });
}

test("where the account is open: another browser is signed out in words, another tab of the same goes on", async () => {
  const opened = await start("emma", { left: false });
  const { app, page, who, words, context, close } = opened;
  const other = await otherBrowser(browser, server);
  await other.app.signIn(who);
  await other.app.entry("Geheim.txt").waitFor();
  // A tab in which somebody is goes to the files; so it is recovered in one in which nobody is.
  const tab = new App(await context.newPage(), server);
  await beginRecovery(tab, who.email);
  await prove(tab, await server.code(who.email, RECOVERY), words);
  await choosePassword(tab);
  await tab.entry("Geheim.txt").waitFor({ timeout: 60_000 });
  await app.at("toast").filter({ hasText: /changed in another tab/ }).waitFor();
  await app.choose([file("Danach.txt")]);
  await tab.entry("Danach.txt").waitFor();
  await isSignedOut(other.app, "Geheim");
  await isRefused(other.app, who);
  await other.end();
  assert.ok(page);
  await close();
});

test("who is in is not asked to recover, and the words do not stay in the document", async () => {
  const { app, page, who, words, close } = await start("ute");
  await beginRecovery(app, who.email);
  await prove(app, await server.code(who.email, RECOVERY), words);
  await choosePassword(app);
  await app.entry("Geheim.txt").waitFor({ timeout: 60_000 });
  assert.ok(!(await page.content()).includes(words.slice(0, 4).join(" ")));
  await page.evaluate(() => history.pushState({}, "", "/"));
  await anotherTab({ app, context: page.context() }, "/recover").then((tab) => tab.entry("Geheim.txt").waitFor());
  await close();
});
