// What opens the account: its pages in the settings, a recovery, a policy that has changed.

import { ACCOUNT_PAGES, beginRecovery, prove } from "../support/account.mjs";
import { person } from "../support/app.mjs";
import { startServer } from "../support/server.mjs";
import { open } from "./stage.mjs";

/** At a server of its own, which is started again with another policy. */
export async function keys(browser, folder, width) {
  const first = await startServer();
  const { app, page, take, close } = await open(browser, first, folder, width);
  page.on("dialog", (dialog) => dialog.accept());
  const who = person("kara");
  await app.signUp(who);
  await app.at("place-settings").click();
  await app.at("to-account").click();
  await app.at("account").waitFor();
  await take("account", { whole: true });
  for (const [way, ready] of ACCOUNT_PAGES) {
    await app.at(way).click();
    await app.at(ready).waitFor();
    await take(`account-${ready}`, { whole: true });
    await app.at("settings-back").click();
  }
  await app.at("to-password").click();
  await app.at("password-now").fill("not it");
  await app.at("password-new").fill("copper meadow 17 walnut tide");
  await app.measured();
  await app.at("password-change").click();
  await app.failure().filter({ hasText: /wrong/ }).waitFor({ timeout: 60_000 });
  await take("account-password-wrong", { whole: true });

  await beginRecovery(app, who.email);
  await take("recover-proof", { whole: true });
  await app.at("recover-words").fill("abandon abandon");
  await app.at("recover-prove").click();
  await app.at("recover-words-problem").filter({ hasText: /2 words/ }).waitFor();
  await take("recover-problems", { whole: true });
  await prove(app, "123456", Array(23).fill("abandon").concat("art"));
  await take("recover-password", { whole: true });

  await first.stop();
  const changed = { IMEGHA_POLICY_VERSION: "2", IMEGHA_POLICY_CHANGE: "The service is run by a foundation now. What is stored and what is not stays as it was." };
  const second = await startServer({ data: first.data, port: first.port, env: changed });
  await app.signIn(who);
  await app.at("policy-change").waitFor();
  await take("policy-change", { whole: true });
  await close();
  await second.remove();
}
