// Other people: nobody yet, a request, all of them, one of them, what is asked first, and keys that have changed.

import { App, person } from "../support/app.mjs";
import { openPage } from "../support/browser.mjs";
import { toAccount } from "../support/account.mjs";

export async function people({ app, page, server, take, press, quiet, who }) {
  await press(app.at("place-people"));
  await app.at("people-empty").waitFor();
  await take("people-empty");
  await app.at("find-tag").fill("nobody_at_all_1");
  await app.at("find-person").click();
  await app.at("find-tag-problem").filter({ hasText: /\S/ }).waitFor();
  await take("people-not-found");

  const browser = page.context().browser();
  const others = [];
  for (const name of ["oskar", "paula", "quirin"]) {
    const opened = await openPage(browser);
    const other = { ...opened, app: new App(opened.page, server), who: person(name) };
    await other.app.signUp(other.who);
    others.push(other);
  }
  const asks = async ({ app: their }) => {
    await their.at("place-people").click();
    await their.at("find-tag").fill(who.tag);
    await their.at("find-person").click();
    await their.at("person-ask").click();
    await their.page.locator("[data-testid=about-person][data-standing=asked]").waitFor();
  };
  const line = (of, state) => page.locator(`[data-testid=person][data-tag=${JSON.stringify(of.who.tag)}]${state}`);
  const [oskar, paula, quirin] = others;
  for (const other of [oskar, paula]) await asks(other);
  await line(oskar, "").getByTestId("person-accept").click();
  await line(oskar, "[data-standing=connected]").waitFor();
  await app.at("find-tag").fill(quirin.who.tag);
  await app.at("find-person").click();
  await app.at("person-ask").waitFor();
  await quiet();
  await take("person-nobody", { whole: true });
  await app.at("person-ask").click();
  await page.locator("[data-testid=about-person][data-standing=asked]").waitFor();
  await app.at("people-back").click();
  await line(paula, "").waitFor();
  await quiet();
  await take("people");

  await line(oskar, "").getByTestId("person-open").click();
  await app.at("safety-mark").click();
  await app.at("safety-compared").waitFor();
  await quiet();
  await take("person", { whole: true });
  await app.at("person-block").click();
  await app.at("person-sure").waitFor();
  await take("person-block");
  await page.keyboard.press("Escape");

  await toAccount(oskar.app, "to-delete", "stays-hosted");
  await oskar.app.at("password-now").fill(oskar.who.password);
  await oskar.app.at("delete-sure").check();
  await oskar.app.at("delete-account").click();
  await oskar.app.at("landing").waitFor();
  oskar.who = { ...person("oskar"), tag: oskar.who.tag };
  await oskar.app.signUp(oskar.who);
  await asks(oskar);
  await app.at("people-back").click();
  await line(oskar, "[data-keys=changed]").waitFor();
  await take("people-keys-changed");
  await line(oskar, "").getByTestId("person-open").click();
  await app.at("keys-changed").waitFor();
  await take("person-keys-changed", { whole: true });
  for (const other of others) await other.close();
  await app.at("place-files").click();
  await app.entry("Reisen").waitFor();
}
