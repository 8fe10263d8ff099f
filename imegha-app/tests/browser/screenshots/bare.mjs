// An account whose server keeps no files.

import { person } from "../support/app.mjs";
import { open } from "./stage.mjs";

/** At a server of its own: the other gives each account a cloud. */
export async function bare(browser, server, folder, width) {
  const { app, take, close } = await open(browser, server, folder, width);
  const who = person("nele");
  await app.begin(who);
  await app.keepPhrase();
  await app.at("code").fill(await server.code(who.email));
  await app.at("confirm").click();
  await app.at("no-cloud").waitFor();
  await app.at("owner").waitFor();
  await take("no-cloud", { whole: true });
  await app.at("place-files").click();
  await app.failure().filter({ hasText: /no cloud yet/ }).waitFor();
  await take("no-cloud-files");
  await close();
}
