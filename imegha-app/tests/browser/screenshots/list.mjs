// A folder: its files, long names, what is selected, menus, tiles, searching, dropping.

import { join } from "node:path";

import { writePhoto } from "../support/files.mjs";
import { file } from "./stage.mjs";

export const LONG = "Ein sehr langer Name, der auf einem Telefon nicht in eine Zeile passt, und noch etwas, damit es ganz sicher nicht geht.txt";

export async function list({ app, page, folder, take, menu, quiet, press, phone }) {
  const photo = join(folder, "Ostern am See.jpg");
  await writePhoto(page, photo);
  for (const name of ["Reisen", "Steuer"]) {
    await app.at("new-folder").click();
    await app.at("folder-name").fill(name);
    if (name === "Reisen") await take("new-folder");
    await app.at("create-folder").click();
    await app.entry(name).waitFor();
  }
  await app.choose([photo]);
  await app.choose([
    file("Steuer 2026.pdf", "application/pdf", 1_482_000),
    file(LONG, "text/plain", 3_200),
    file(`${"OhneEinLeerzeichen".repeat(10)}.md`, "text/markdown", 12),
    file("Rechnung\u202efdp.exe", "application/octet-stream", 40_000),
    file("Stimme.ogg", "audio/ogg", 920_000),
    file("Urlaub.zip", "application/zip", 2_000_000),
  ]);
  await app.entry("Urlaub.zip").waitFor();
  await app.transfer("Urlaub.zip", "done").waitFor();
  await page.waitForFunction(() => document.querySelectorAll("[data-testid=transfer][data-state=done]").length === 7);
  await take("files-transfers-done");
  await quiet();
  await take("files");

  await app.entry("Stimme.ogg").click({ modifiers: phone ? [] : ["Control"] });
  if (phone) {
    await page.keyboard.press("Escape");
    await app.at("viewer").waitFor({ state: "hidden" });
    await app.entry("Stimme.ogg").getByTestId("select").check({ force: true });
  }
  await take("selected-one");
  await page.keyboard.press("Control+a");
  await take("selected-all");
  await page.keyboard.press("Escape");

  await menu("Stimme.ogg");
  await take("menu");
  await page.keyboard.press("Escape");
  if (!phone) {
    await app.at("list").click({ button: "right", position: { x: 300, y: 20 } });
    await take("menu-of-entry-by-right-press");
    await page.keyboard.press("Escape");
    await quiet();
    await app.at("show-keys").click();
    await app.at("keys").waitFor();
    await take("keys");
    await page.keyboard.press("Escape");
  }
  await quiet();
  await press(app.at("layout"));
  await page.locator(".shelf.tiles").waitFor();
  await take("tiles");
  await press(app.at("layout"));

  await app.at("search").fill("steuer");
  await take("search-in-folder");
  await app.at("search").press("Enter");
  await app.at("search-line").filter({ hasText: "in all folders" }).waitFor();
  await take("search-everywhere");
  await app.at("search").fill("nirgendwo");
  await app.at("nothing-found").waitFor();
  await take("search-nothing");
  await app.at("search-clear").click();

  const transfer = await page.evaluateHandle(() => {
    const transfer = new DataTransfer();
    transfer.items.add(new File(["x"], "x.txt"));
    return transfer;
  });
  await page.dispatchEvent("body", "dragenter", { dataTransfer: transfer });
  await app.at("drop-zone").waitFor();
  await take("drop-zone");
  await page.dispatchEvent("body", "dragleave", { dataTransfer: transfer });
}
