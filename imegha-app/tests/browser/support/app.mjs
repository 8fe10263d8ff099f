// The app as a person uses it: by its `data-testid`s, which are listed in `imegha-app/src/pages/mod.rs`.

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const PASSWORD = "granite lantern 42 okra voyage";

/** A person that nobody else is. */
export function person(name) {
  const unique = Math.random().toString(36).slice(2, 8);
  return { email: `${name}-${unique}@example.org`, tag: `${name}_${unique}`, password: PASSWORD };
}

export class App {
  constructor(page, server) {
    this.page = page;
    this.server = server;
  }

  at(id) {
    return this.page.getByTestId(id);
  }

  /** Opens an address and waits until the page answers: before that a click is lost. */
  async open(path) {
    await this.page.goto(`${this.server.origin}${path}`);
    await this.hydrated();
  }

  /** Hydrated: the theme's button only has a label that says what is chosen once the page runs. */
  async hydrated() {
    await this.page.waitForFunction(() => document.documentElement.dataset.hydrated !== undefined);
  }

  /** Fills the first step of signing up and sends it. */
  async begin({ email, tag, password }, { over13 = true } = {}) {
    await this.open("/sign-up");
    await this.at("email").fill(email);
    await this.at("tag").fill(tag);
    await this.at("password").fill(password);
    await this.measured();
    if (over13) await this.at("over-13").check();
    await this.at("policy").check();
    await this.at("sign-up").click();
  }

  /** Waits until the password has been measured. */
  async measured() {
    await this.page.locator("[data-testid=strength][data-score]").waitFor();
  }

  /** Goes through the phrase and the three words that are asked back; returns the words. */
  async keepPhrase() {
    await this.at("phrase-word").nth(23).waitFor();
    const words = await this.at("phrase-word").allTextContents();
    await this.at("phrase-kept").click();
    await this.giveBack(words);
    await this.at("code").waitFor();
    return words;
  }

  /** Types the three words that are asked back. */
  async giveBack(words) {
    for (const field of ["recall-0", "recall-1", "recall-2"]) {
      await this.at(field).waitFor();
      const position = await this.page.locator(`[data-position]:has([data-testid=${field}])`).getAttribute("data-position");
      await this.at(field).fill(words[Number(position) - 1]);
    }
    await this.at("recall").click();
  }

  /** From an empty page to the files of a new account; returns the words. */
  async signUp(who) {
    await this.begin(who);
    const words = await this.keepPhrase();
    await this.at("code").fill(await this.server.code(who.email));
    await this.at("confirm").click();
    await this.at("empty").waitFor();
    return words;
  }

  async signIn({ email, password }) {
    await this.open("/sign-in");
    await this.at("sign-in-email").fill(email);
    await this.at("sign-in-password").fill(password);
    await this.at("sign-in").click();
  }

  entry(name) {
    return this.page.locator(`[data-testid=entry][data-name=${JSON.stringify(name)}]`);
  }

  /** Waits until the keyboard is in a menu: a key that is quicker goes to the list. */
  async inMenu() {
    await this.page.waitForFunction(() => document.activeElement?.closest("[data-testid=menu]"));
  }

  transfer(name, state) {
    const of = state === undefined ? "" : `[data-state=${state}]`;
    return this.page.locator(`[data-testid=transfer][data-name=${JSON.stringify(name)}]${of}`);
  }

  /** Chooses files by the button's input. */
  async choose(paths) {
    await this.at("upload-input").setInputFiles(paths);
  }

  /** Downloads an entry and returns where it was saved. */
  async download(name) {
    const folder = await mkdtemp(join(tmpdir(), "imegha-download-"));
    const started = this.page.waitForEvent("download", { timeout: 180_000 });
    await this.entry(name).getByTestId("download").click();
    const download = await started;
    const path = join(folder, "file");
    await download.saveAs(path);
    return { path, name: download.suggestedFilename() };
  }

  failure() {
    return this.at("failure");
  }
}

/** The SHA-256 of a file. */
export function sha256(path) {
  return new Promise((resolve, reject) => {
    const hash = createHash("sha256");
    createReadStream(path)
      .on("data", (chunk) => hash.update(chunk))
      .on("error", reject)
      .on("end", () => resolve(hash.digest("hex")));
  });
}
