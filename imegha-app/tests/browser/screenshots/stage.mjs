// The page that the pictures are taken of.

import { join } from "node:path";

import { App, person } from "../support/app.mjs";
import { openPage } from "../support/browser.mjs";

/** Opens a page of that width, as a phone's where it is narrow. */
export async function open(browser, server, folder, width) {
  const phone = width < 600;
  const { page, context, close } = await openPage(browser, { viewport: { width, height: phone ? 844 : 800 }, hasTouch: phone, isMobile: phone });
  const app = new App(page, server);

  /** Takes what is on the screen, light and dark; the whole page where it is longer and nothing on it is fixed to the screen. */
  const take = async (name, { whole = false } = {}) => {
    for (const colorScheme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme });
      const path = join(folder, `${name}-${width}-${colorScheme}.png`);
      await page.screenshot({ path, fullPage: whole, animations: "disabled" });
      console.log(path);
    }
  };
  /** A press as this device makes it. */
  const press = (locator) => (phone ? locator.tap() : locator.click());
  /** Opens the menu of an entry by its button. */
  const menu = async (name) => {
    await app.entry(name).hover();
    await press(app.entry(name).getByTestId("more"));
    await app.at("menu").waitFor();
  };
  /** Chooses from the menu of an entry. */
  const choose = async (name, what) => {
    await menu(name);
    await press(app.at(what));
  };
  /** Removes what says what was done, and selects nothing. */
  const quiet = async () => {
    if (await app.at("clear-selection").isVisible()) await press(app.at("clear-selection"));
    for (const toast of await app.at("toast-close").all()) await toast.click({ timeout: 500 }).catch(() => {});
    if (await app.at("transfers-clear").isVisible()) await app.at("transfers-clear").click();
  };
  return { app, page, context, server, folder, phone, take, press, menu, choose, quiet, close, who: person("lena") };
}

/** A file of that many bytes of its type, which no program would take for one. */
export const file = (name, mimeType, size) => ({ name, mimeType, buffer: Buffer.alloc(size, `${mimeType === "text/plain" ? "" : "\0"}${mimeType}\n`) });
