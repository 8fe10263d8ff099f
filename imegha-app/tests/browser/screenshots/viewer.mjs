// Looking at files.

import { png } from "../support/hostile.mjs";

export async function viewer({ app, page, take, choose, quiet, phone }) {
  const text = "Am Montag um neun beim Zahnarzt.\nDanach: Brot, Milch, Äpfel.\n\n".repeat(40);
  await app.choose([
    { name: "Notiz.txt", mimeType: "text/plain", buffer: Buffer.from(text) },
    { name: "Riesig.png", mimeType: "image/png", buffer: png(60_000, 60_000) },
    { name: "Zerrissen.png", mimeType: "image/png", buffer: png(300, 200).subarray(0, 40) },
  ]);
  for (const name of ["Notiz.txt", "Riesig.png", "Zerrissen.png"]) await app.transfer(name, "done").waitFor();
  await quiet();
  for (const [shot, name, ready] of [
    ["preview-image", "Ostern am See.jpg", "viewer-image"],
    ["preview-text", "Notiz.txt", "viewer-text"],
    ["preview-none", "Steuer 2026.pdf", "viewer-nothing"],
    ["preview-refused", "Riesig.png", "viewer-nothing"],
    ["preview-undecodable", "Zerrissen.png", "viewer-undecodable"],
  ]) {
    await (phone ? app.entry(name).tap() : app.entry(name).dblclick());
    await app.at(ready).waitFor();
    if (shot === "preview-image") {
      await page.waitForFunction(() => document.querySelector("[data-testid=viewer-image]").complete);
    }
    await take(shot);
    if (shot === "preview-image") {
      await app.at("viewer-zoom").click();
      await take("preview-image-whole");
    }
    await page.keyboard.press("Escape");
    await app.at("viewer").waitFor({ state: "hidden" });
  }
  await choose("Zerrissen.png", "do-delete");
  await app.entry("Zerrissen.png").waitFor({ state: "detached" });
  await take("toast");
  await quiet();
}
