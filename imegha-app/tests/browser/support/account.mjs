// The ways in that an account has, as a person goes them.

import assert from "node:assert/strict";

import { App } from "./app.mjs";
import { openPage } from "./browser.mjs";

export const NEW_PASSWORD = "copper meadow 17 walnut tide";

/** The account's pages: the way to each, and what is there once it is. The last begins a new phrase, which one is asked about before one leaves. */
export const ACCOUNT_PAGES = [
  ["to-password", "password-now"],
  ["to-email", "email-new"],
  ["to-strength", "iterations"],
  ["to-sessions", "sessions"],
  ["to-delete", "stays-hosted"],
  ["to-renew", "renew-begin"],
  ["to-phrase", "phrase-new"],
];

/** Signs out by the menu. */
export async function leave(app) {
  await app.at("who").click();
  await app.at("sign-out").click();
  await app.at("landing").waitFor();
}

/** Somebody else's browser: nothing of the account is in it. `end()` closes it, once it is sure that no policy was broken. */
export async function otherBrowser(browser, server, options = {}) {
  const opened = await openPage(browser, options);
  const app = new App(opened.page, server);
  const end = async () => {
    assert.deepEqual(await opened.violations(), []);
    await opened.close();
  };
  return { app, ...opened, end };
}

/** Signed out in words, with nothing of this name left on the screen. A page looks when one comes back to it. */
export async function isSignedOut(app, name) {
  await app.page.evaluate(() => dispatchEvent(new Event("focus")));
  await app.page.getByText("Your session has ended").waitFor();
  assert.ok(!(await app.page.content()).includes(name), "no name is on the screen");
}

/** This password is refused there, and the address with it. */
export async function isRefused(app, { email, password }) {
  await app.signIn({ email, password });
  await app.failure().filter({ hasText: /Email or password is wrong/ }).waitFor({ timeout: 60_000 });
}

/** From the settings to one of the account's pages. */
export async function toAccount(app, way, ready) {
  await app.at("place-settings").click();
  await app.at("to-account").click();
  await app.at(way).click();
  await app.at(ready).waitFor();
}

/** To the second step of a recovery. Asked again within a minute the server would not send another code. */
export async function beginRecovery(app, email) {
  await app.open("/sign-in");
  await app.at("to-recover").click();
  await app.at("recover-email").fill(email);
  await app.at("recover-begin").click();
  await app.at("recover-code").waitFor();
}

/** From the second step to the last, with everything typed. */
export async function prove(app, code, words) {
  await app.at("recover-code").fill(code);
  await app.at("recover-words").fill(words.join(" "));
  await app.at("recover-prove").click();
  await app.at("recover-password").waitFor();
}

/** Types a new password and sends all of it. */
export async function choosePassword(app, password = NEW_PASSWORD) {
  await app.at("recover-password").fill(password);
  await app.measured();
  await app.at("recover-send").click();
}

/** A code that is not this one. */
export const anotherCode = (code) => String((Number(code) + 1) % 1_000_000).padStart(6, "0");
