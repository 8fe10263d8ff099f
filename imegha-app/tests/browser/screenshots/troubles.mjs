// What goes wrong: no network, a slow one, a folder that is gone, storage that was tampered with, a browser without cryptography.

export async function troubles({ app, page, context, server, take }) {
  await context.setOffline(true);
  await app.at("offline").waitFor();
  await take("offline");
  await app.at("new-folder").click();
  await app.at("folder-name").fill("Geht gerade nicht");
  await context.route("**/v1/**", (route) => route.abort("connectionrefused"));
  await app.at("create-folder").click();
  await page.locator("[data-testid=folder-name-problem]").filter({ hasText: /reached/i }).waitFor({ timeout: 120_000 });
  await take("offline-new-folder");
  await context.unroute("**/v1/**");
  await page.keyboard.press("Escape");
  await context.setOffline(false);
  await app.at("offline").waitFor({ state: "hidden" });

  await app.at("who").click();
  await app.at("stay-signed-in").check();
  await page.waitForFunction(() => localStorage.getItem("imegha-stays") === "1");
  await app.open(`/files/${"0".repeat(32)}`);
  await app.failure().filter({ hasText: /not there/i }).waitFor();
  await take("folder-gone");

  let release;
  const held = new Promise((resolve) => (release = resolve));
  await context.route("**/v1/records/**", async (route) => {
    await held;
    await route.continue().catch(() => {});
  });
  await page.goto(`${server.origin}/files`);
  await app.at("loading").waitFor();
  await take("files-loading");
  release();
  await context.unroute("**/v1/records/**");
  await app.entry("Reisen").waitFor();

  // What is sealed of one entry is not as it was, however it is asked for.
  let victim;
  await context.route("**/v1/records/*", async (route) => {
    const response = await route.fetch();
    const answer = await response.json();
    const records = answer.records ?? (answer.record ? [answer.record] : []);
    if (answer.records !== undefined && records[0]?.key.collection === CHILDREN) victim ??= records.at(-1).key.sort[0].id;
    for (const { key, fields } of records) {
      if (key.collection === CHILDREN && key.sort[0].id === victim) spoil(fields.meta);
    }
    await route.fulfill({ response, json: answer });
  });
  await page.goto(`${server.origin}/files`);
  await page.locator("[data-testid=entry][data-kind=damaged]").waitFor();
  await take("damaged-entry");
  await page.locator("[data-testid=entry][data-kind=damaged]").dblclick();
  await app.at("damaged").waitFor();
  await take("damaged-dialog");
  await page.keyboard.press("Escape");
  await context.unroute("**/v1/records/*");

  await context.route("**/v1/**", (route) => route.abort("connectionrefused"));
  await page.goto(`${server.origin}/files`);
  await app.failure().filter({ hasText: /reached/i }).waitFor({ timeout: 120_000 });
  await take("server-gone");
  await context.unroute("**/v1/**");
  await page.goto(`${server.origin}/files`);
  await app.entry("Reisen").waitFor();
}

/** What the entries of folders are called in storage. */
const CHILDREN = "children";

/** Changes the first letter of what is sealed. */
function spoil(value) {
  value.sealed = (value.sealed[0] === "A" ? "B" : "A") + value.sealed.slice(1);
}
