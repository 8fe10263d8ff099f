// What plays, what cannot be played, the export, and an upload whose tab was closed.

import { join } from "node:path";

import { writeSound } from "../support/media.mjs";
import { slowly } from "../support/story.mjs";
import { file } from "./stage.mjs";

export async function streams({ app, page, context, folder, take, quiet, phone }) {
  const sound = join(folder, "Vortrag.wav");
  await writeSound(sound, 20);
  await app.choose([sound]);
  await app.transfer("Vortrag.wav", "done").waitFor();
  await app.choose([{ name: "Kaputt.mp4", mimeType: "video/mp4", buffer: Buffer.from("\0\0\0\x20ftypisom broken", "latin1") }]);
  await app.transfer("Kaputt.mp4", "done").waitFor();
  await quiet();
  for (const [shot, name, state] of [["preview-sound", "Vortrag.wav", "sound"], ["preview-unplayable", "Kaputt.mp4", "unplayable"]]) {
    await (phone ? app.entry(name).tap() : app.entry(name).dblclick());
    await page.locator(`[data-testid=viewer][data-state=${state}]`).waitFor();
    await take(shot);
    await page.keyboard.press("Escape");
    await app.at("viewer").waitFor({ state: "hidden" });
  }

  await app.at("who").click();
  await app.at("export-open").click();
  await app.at("export-archive").waitFor();
  await take("export");
  await app.at("export-archive").click();
  await app.at("export-done").waitFor({ timeout: 120_000 });
  await take("export-done");
  await app.at("export-close").click();

  context.on("dialog", (dialog) => dialog.accept());
  await app.at("who").click();
  await app.at("stay-signed-in").check();
  await page.waitForFunction(() => localStorage.getItem("imegha-stays") === "1");
  await page.keyboard.press("Escape");
  await slowly(context, 2_000);
  await app.choose([file("Film vom Herbst.mp4", "video/mp4", 18_000_000)]);
  await app.transfer("Film vom Herbst.mp4", "running").waitFor();
  await page.waitForTimeout(1_000);
  await page.reload();
  await app.hydrated();
  await app.transfer("Film vom Herbst.mp4", "interrupted").waitFor();
  await take("transfers-interrupted");
  await app.transfer("Film vom Herbst.mp4").getByTestId("transfer-cancel").click();
  await context.unrouteAll();
  await quiet();
  for (const name of ["Vortrag.wav", "Kaputt.mp4"]) {
    await app.entry(name).click();
    await app.at("bar-delete").click();
    await app.entry(name).waitFor({ state: "detached" });
  }
  await quiet();
}
