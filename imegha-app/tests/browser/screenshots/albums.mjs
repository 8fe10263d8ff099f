// Photos, the albums, one of them with what opens above it.

import { join } from "node:path";

import { writePhoto } from "../support/files.mjs";
import { file } from "./stage.mjs";

export async function albums({ app, page, folder, take, quiet, press }) {
  await press(app.at("place-photos"));
  await press(app.at("tab-albums"));
  await app.at("albums-empty").waitFor();
  await take("albums-empty");
  await press(app.at("new-album"));
  await app.at("album-title").fill("Ein Sommer am See, mit allen, die da waren, und was wir dort gegessen haben");
  await take("album-title");
  await press(app.at("title-save"));
  await app.at("album-empty").waitFor();
  await quiet();
  await take("album-empty");

  await press(app.at("place-files"));
  await app.at("new-folder").click();
  await app.at("folder-name").fill("Bilder");
  await app.at("create-folder").click();
  await app.entry("Bilder").getByTestId("open").click();
  await app.at("empty").waitFor();
  const photos = Array.from({ length: 6 }, (_, index) => join(folder, `See ${index + 1}.jpg`));
  for (const path of photos) await writePhoto(page, path);
  await app.choose(photos);
  await app.choose([file("Packliste.txt", "text/plain", 800)]);
  await page.waitForFunction(() => document.querySelectorAll("[data-testid=transfer][data-state=done]").length === 7);
  await quiet();
  await page.keyboard.press("Control+a");
  await press(app.at("bar-add-to-album"));
  await app.at("adder-album").waitFor();
  await take("album-add");
  await press(app.at("adder-new"));
  await app.at("adder-title").fill("Herbst");
  await take("album-add-new");
  await press(app.at("adder-album").first());
  await app.at("toast").first().waitFor();
  await quiet();

  await press(app.at("place-photos"));
  await app.at("thumb").nth(5).waitFor();
  await take("photos");
  for (const index of [0, 2]) await app.at("pick").nth(index).check({ force: true });
  await take("photos-selected");
  await press(app.at("bar-add-to-album"));
  await press(app.at("adder-new"));
  await app.at("adder-title").fill("Herbst");
  await press(app.at("adder-make"));
  await app.at("selection-bar").waitFor({ state: "detached" });
  await quiet();
  await press(app.at("tab-albums"));
  await app.at("album").nth(1).waitFor();
  await app.at("thumb").first().waitFor();
  await take("albums");
  await press(app.at("album").last());
  await app.at("thumb").nth(5).waitFor();
  await take("album");
  await app.at("pick").nth(1).check({ force: true });
  await take("album-selected");
  await press(app.at("delete-album"));
  await app.at("delete-album-ask").waitFor();
  await take("album-delete");
  await press(app.at("delete-album-cancel"));
  await press(app.at("clear-selection"));
  await press(app.at("place-files"));
  await app.entry("Bilder").waitFor();
  await page.keyboard.press("Escape");
}
