// Each page, at the widths of a phone and of a desk, light and dark: `cargo xtask screenshots`.

import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { App, person } from "./support/app.mjs";
import { launch, openPage } from "./support/browser.mjs";
import { writePhoto } from "./support/files.mjs";
import { startServer } from "./support/server.mjs";
import { setting } from "./support/setting.mjs";

const folder = setting("IMEGHA_TEST_SCREENSHOTS");
const server = await startServer();
const browser = await launch();
await mkdir(folder, { recursive: true });
try {
  for (const width of [390, 1280]) {
    for (const colorScheme of ["light", "dark"]) await session(width, colorScheme);
  }
} finally {
  await browser.close();
  await server.remove();
}

async function session(width, colorScheme) {
  const { page, close } = await openPage(browser, { viewport: { width, height: width === 390 ? 844 : 800 }, colorScheme });
  const app = new App(page, server);
  const take = async (name) => {
    const path = join(folder, `${name}-${width}-${colorScheme}.png`);
    await page.screenshot({ path, fullPage: true });
    console.log(path);
  };
  for (const [name, path] of [["landing", "/"], ["sign-in", "/sign-in"], ["sign-up", "/sign-up"], ["privacy", "/privacy"], ["not-found", "/nowhere"]]) {
    await app.open(path);
    await take(name);
  }
  const who = person("lena");
  await app.signIn(who);
  await app.failure().filter({ hasText: /wrong/ }).waitFor();
  await take("sign-in-wrong");

  await app.open("/sign-up");
  await app.at("password").fill("password1");
  await app.measured();
  await app.at("sign-up").click();
  await take("sign-up-problems");
  await app.begin(who);
  await app.at("phrase-word").nth(23).waitFor();
  await take("phrase");
  await app.at("phrase-kept").click();
  await app.at("recall-0").waitFor();
  await take("recall");
  await app.at("phrase-again").click();
  await app.keepPhrase();
  await take("code");
  await app.at("code").fill(await server.code(who.email));
  await app.at("confirm").click();
  await app.at("empty").waitFor();
  await take("files-empty");

  const photo = join(folder, "Ostern am See.jpg");
  await writePhoto(page, photo);
  await app.at("new-folder").click();
  await app.at("folder-name").fill("Reisen");
  await take("new-folder");
  await app.at("create-folder").click();
  await app.entry("Reisen").waitFor();
  const file = (name, mimeType, size) => ({ name, mimeType, buffer: Buffer.alloc(size, name) });
  await app.choose([photo]);
  await app.choose([
    file("Steuer 2026.pdf", "application/pdf", 1_482_000),
    file("Ein sehr langer Name, der auf einem Telefon nicht in eine Zeile passt, und noch etwas.txt", "text/plain", 3_200),
    file("Stimme.ogg", "audio/ogg", 920_000),
  ]);
  await app.entry("Stimme.ogg").waitFor();
  await app.transfer("Stimme.ogg", "done").waitFor();
  await take("files");
  await close();
}
