// Where the keys are: in this page's memory, on this device if its owner says so, and nowhere once it is locked or left.

import assert from "node:assert/strict";
import { test } from "node:test";

import { App, person } from "./support/app.mjs";
import { openPage } from "./support/browser.mjs";
import { browser, server } from "./support/stage.mjs";

const file = (name) => ({ name, mimeType: "text/plain", buffer: Buffer.from(name) });

/** A new account with one file, and a second tab of the same browser to open. */
async function start(name) {
  const opened = await openPage(browser);
  const app = new App(opened.page, server);
  const who = person(name);
  await app.signUp(who);
  await app.choose([file("Geheim.txt")]);
  await app.entry("Geheim.txt").waitFor();
  await app.transfer("Geheim.txt", "done").waitFor();
  await app.at("transfers-clear").click();
  const tab = async (path = "/files") => {
    const another = new App(await opened.context.newPage(), server);
    await another.open(path);
    return another;
  };
  return { app, who, tab, ...opened };
}

/** What this browser keeps of keys, and whether any script could read them. */
function kept(page) {
  return page.evaluate(
    () =>
      new Promise((resolve, reject) => {
        const opening = indexedDB.open("imegha");
        opening.onerror = () => reject(opening.error);
        opening.onsuccess = () => {
          const all = opening.result.transaction("kept").objectStore("kept").getAll();
          all.onsuccess = async () => {
            const values = await Promise.all(
              all.result.map(async ({ key, sealed }) => ({
                extractable: key.extractable,
                exported: await crypto.subtle.exportKey("raw", key).then(() => true, () => false),
                text: new TextDecoder("latin1").decode(sealed),
              })),
            );
            opening.result.close();
            resolve(values);
          };
        };
      }),
  );
}

const stay = async (app) => {
  await app.at("who").click();
  await app.at("stay-signed-in").check();
  await app.page.waitForFunction(() => localStorage.getItem("imegha-stays") === "1");
  await app.page.keyboard.press("Escape");
};

test("without being asked to, a browser keeps no keys: a reload and a second tab ask for the password", async () => {
  const { app, page, tab, close } = await start("ada");
  assert.deepEqual(await kept(page), []);
  const second = await tab();
  await second.at("sign-in-password").waitFor();
  await page.reload();
  await app.at("sign-in-password").waitFor();
  await close();
});

test("who stays signed in is not asked again, under a key that no script can read, until the browser is told to forget", async () => {
  const { app, page, who, tab, close } = await start("stella");
  await stay(app);
  const [value, ...more] = await kept(page);
  assert.deepEqual([value.extractable, value.exported, more.length], [false, false, 0]);
  assert.ok(!value.text.includes(who.email) && !value.text.includes("IMKEPT"), "what is kept is sealed");
  await page.reload();
  await app.entry("Geheim.txt").waitFor();
  const second = await tab();
  await second.entry("Geheim.txt").waitFor();

  await app.at("who").click();
  await app.at("stay-signed-in").uncheck();
  await page.waitForFunction(() => localStorage.getItem("imegha-stays") === null);
  assert.deepEqual(await kept(page), []);
  await page.keyboard.press("Escape");
  await page.reload();
  await app.at("sign-in-password").waitFor();

  // From the page where one signs in, too; and what is damaged opens nothing.
  await app.at("sign-in-email").fill(who.email);
  await app.at("sign-in-password").fill(who.password);
  await app.at("sign-in-stay").check();
  await app.at("sign-in").click();
  await app.entry("Geheim.txt").waitFor();
  await page.evaluate(
    () =>
      new Promise((resolve) => {
        const opening = indexedDB.open("imegha");
        opening.onsuccess = () => {
          const transaction = opening.result.transaction("kept", "readwrite");
          const store = transaction.objectStore("kept");
          store.get("kept").onsuccess = ({ target }) => {
            target.result.sealed[20] ^= 1;
            store.put(target.result, "kept");
          };
          transaction.oncomplete = () => (opening.result.close(), resolve());
        };
      }),
  );
  await page.reload();
  await app.at("sign-in-password").waitFor();
  await close();
});

test("when the platform has ended the session, what was kept opens nothing and is removed", async () => {
  const { app, page, context, close } = await start("sina");
  await stay(app);
  await context.clearCookies();
  await page.reload();
  await app.at("sign-in-password").waitFor();
  await app.at("taking-up").waitFor({ state: "hidden" });
  assert.deepEqual(await kept(page), []);
  await close();
});

test("another tab's changes appear; locking and signing out reach every tab, and leave nothing behind", async () => {
  const { app, page, who, tab, close } = await start("zoe");
  await stay(app);
  const second = await tab();
  await second.entry("Geheim.txt").waitFor();
  await app.choose([file("Aus dem ersten.txt")]);
  await second.entry("Aus dem ersten.txt").waitFor();
  await second.choose([file("Aus dem zweiten.txt")]);
  await app.entry("Aus dem zweiten.txt").waitFor();
  await app.transfer("Aus dem ersten.txt", "done").waitFor();
  await second.transfer("Aus dem zweiten.txt", "done").waitFor();

  await app.at("who").click();
  await app.at("lock-now").click();
  for (const each of [app, second]) {
    await each.at("locked").waitFor();
    const left = await each.page.evaluate(() => document.documentElement.outerHTML);
    assert.ok(!left.includes("Geheim") && !left.includes("Aus dem"), "no name stands in the document");
  }
  assert.deepEqual(await kept(page), []);
  assert.equal(new URL(page.url()).pathname, "/files");

  // The wrong password opens nothing, the right one where one was.
  await app.at("unlock-password").fill(`${who.password}!`);
  await app.at("unlock").click();
  await app.failure().filter({ hasText: /wrong/i }).waitFor();
  await app.at("unlock-password").fill(who.password);
  await app.at("unlock").click();
  await app.entry("Geheim.txt").waitFor();
  await second.at("unlock-password").fill(who.password);
  await second.at("unlock").click();
  await second.entry("Geheim.txt").waitFor();

  await app.at("who").click();
  await app.at("sign-out").click();
  await app.at("landing").waitFor();
  await second.at("sign-in-password").waitFor();
  assert.deepEqual(await kept(page), []);
  await close();
});

test("nobody leaves beside an unlock, and neither locking nor signing out waits for a server that says nothing", async () => {
  const { app, page, context, who, close } = await start("lena");
  let open;
  const opened = new Promise((resolve) => (open = resolve));
  const silent = async (route) => {
    await opened;
    await route.abort().catch(() => {});
  };
  await app.at("who").click();
  await app.at("lock-now").click();
  await app.at("locked").waitFor();
  await app.at("unlock-password").fill(`${who.password}!`);
  await context.route("**/v1/**", async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await route.continue().catch(() => {});
  });
  await app.at("unlock").click();
  await page.locator("[data-testid=lock-leave]:disabled").waitFor();
  await app.failure().filter({ hasText: /wrong/i }).waitFor();
  await page.locator("[data-testid=lock-leave]:enabled").waitFor();
  await context.unroute("**/v1/**");
  await app.at("unlock-password").fill(who.password);
  await app.at("unlock").click();
  await app.entry("Geheim.txt").waitFor();

  await context.route("**/v1/**", silent);
  await app.at("who").click();
  await app.at("sign-out").click();
  await app.at("landing").waitFor({ timeout: 15_000 });
  assert.deepEqual(await kept(page), []);
  open();
  await context.unroute("**/v1/**");
  await app.signIn(who);
  await app.entry("Geheim.txt").waitFor();
  await close();
});

test("it locks when nobody has been there for a while, says so before, and not while somebody is", async () => {
  const { app, page, who, close } = await start("ilse");
  await app.at("who").click();
  await app.at("lock-after").selectOption("5");
  await page.keyboard.press("Escape");
  await page.clock.install();
  await page.clock.fastForward(275_000);
  await page.clock.runFor(1_500);
  await app.at("idle-notice").waitFor();
  // Somebody is there after all.
  await page.mouse.move(40, 40);
  await page.clock.runFor(1_500);
  await app.at("idle-notice").waitFor({ state: "hidden" });
  await page.clock.fastForward(200_000);
  await page.clock.runFor(1_500);
  assert.equal(await app.at("locked").count(), 0);
  await page.clock.fastForward(110_000);
  await page.clock.runFor(1_500);
  await app.at("locked").waitFor();
  await app.at("unlock-password").fill(who.password);
  await app.at("unlock").click();
  await page.clock.runFor(3_000);
  await app.entry("Geheim.txt").waitFor();
  await close();
});

test("offline, the list on the screen stays, says how old it is, and is read again when the network is back", async () => {
  const { app, page, context, close } = await start("olivia");
  await page.clock.install();
  await context.setOffline(true);
  await app.at("offline").waitFor();
  // The next look finds nobody, and what is there stays.
  await app.at("nav-files").click();
  await app.entry("Geheim.txt").waitFor();
  await page.clock.runFor(31_000);
  await app.at("new-folder").click();
  await app.at("folder-name").fill("Getippt");
  await app.at("create-folder").click();
  await page.clock.runFor(31_000);
  await page.locator("[data-testid=folder-name-problem]").filter({ hasText: /reached/i }).waitFor({ timeout: 60_000 });
  assert.equal(await app.at("folder-name").inputValue(), "Getippt", "what was typed stays");
  await context.setOffline(false);
  await app.at("create-folder").click();
  await page.clock.runFor(3_000);
  await app.entry("Getippt").waitFor();
  await app.entry("Geheim.txt").waitFor();
  assert.equal(await app.at("stale").count(), 0);
  await close();
});
