// What is asked: a name, a place, what to do with what is taken.

import { file } from "./stage.mjs";
import { LONG } from "./list.mjs";

export async function dialogs({ app, page, take, choose, quiet }) {
  await choose(LONG, "do-rename");
  await app.at("new-name").waitFor();
  await take("rename");
  await app.at("new-name").fill("Stimme.ogg");
  await page.keyboard.press("Enter");
  await app.at("new-name-problem").filter({ hasText: /taken/ }).waitFor();
  await take("rename-taken");
  await page.keyboard.press("Escape");

  await app.entry("Reisen").getByTestId("open").click();
  await app.at("empty").waitFor();
  await take("folder-empty");
  await app.choose([file("Stimme.ogg", "audio/ogg", 9)]);
  await app.entry("Stimme.ogg").waitFor();
  await app.transfer("Stimme.ogg", "done").waitFor();
  await page.goBack();
  await app.entry("Urlaub.zip").waitFor();
  await quiet();

  await choose(LONG, "do-move");
  await app.at("mover").waitFor();
  await page.locator("[data-testid=mover-folder][data-name=Reisen]").waitFor();
  await take("move");
  await page.locator("[data-testid=mover-folder][data-name=Reisen]").click();
  await app.at("mover-empty").waitFor();
  await app.at("mover-new-folder").click();
  await take("move-new-folder");
  await app.at("move-cancel").click();

  await choose("Stimme.ogg", "do-move");
  await page.locator("[data-testid=mover-folder][data-name=Reisen]").click();
  await app.at("mover-path").filter({ hasText: "Reisen" }).waitFor();
  await app.at("move-here").click();
  await app.at("conflict").waitFor();
  await take("conflict-of-move");
  await app.at("skip").click();
  await app.at("conflict").waitFor({ state: "hidden" });

  await app.choose([file("Stimme.ogg", "audio/ogg", 7), file("Urlaub.zip", "application/zip", 8)]);
  await app.at("name-taken").waitFor();
  await page.locator("[data-testid=transfer][data-state=asking]").nth(1).waitFor();
  await take("conflict-of-upload");
  await app.at("taken-rest").check();
  await app.at("taken-skip").click();
  await app.transfer("Urlaub.zip", "skipped").waitFor();
  await take("transfers-skipped");
  await quiet();
}
