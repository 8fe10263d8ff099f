// Every page and state, at the widths of a phone and of a desk, light and dark: `cargo xtask screenshots`.

import { mkdir } from "node:fs/promises";

import { launch } from "./support/browser.mjs";
import { startServer } from "./support/server.mjs";
import { setting } from "./support/setting.mjs";
import { account } from "./screenshots/account.mjs";
import { albums } from "./screenshots/albums.mjs";
import { bare } from "./screenshots/bare.mjs";
import { crowd } from "./screenshots/crowd.mjs";
import { dialogs } from "./screenshots/dialogs.mjs";
import { keys } from "./screenshots/keys.mjs";
import { list } from "./screenshots/list.mjs";
import { lock } from "./screenshots/lock.mjs";
import { pages } from "./screenshots/pages.mjs";
import { people } from "./screenshots/people.mjs";
import { settings } from "./screenshots/settings.mjs";
import { open } from "./screenshots/stage.mjs";
import { streams } from "./screenshots/streams.mjs";
import { transfers } from "./screenshots/transfers.mjs";
import { trash } from "./screenshots/trash.mjs";
import { troubles } from "./screenshots/troubles.mjs";
import { viewer } from "./screenshots/viewer.mjs";

const folder = setting("IMEGHA_TEST_SCREENSHOTS");
await mkdir(folder, { recursive: true });
// Some room, so that it can be full.
const server = await startServer({ env: { IMEGHA_QUOTA_BYTES: "32000000" } });
const without = await startServer({ env: { IMEGHA_HOSTED_CLOUDS: "off" } });
const browser = await launch();
try {
  for (const width of [390, 1280]) {
    const stage = await open(browser, server, folder, width);
    // In this order: each goes on from what the one before has left.
    for (const scene of [pages, account, list, dialogs, viewer, streams, transfers, trash, settings, people, albums, troubles, lock, crowd]) await scene(stage);
    await stage.close();
    await bare(browser, without, folder, width);
    await keys(browser, folder, width);
  }
} finally {
  await browser.close();
  await server.remove();
  await without.remove();
}
