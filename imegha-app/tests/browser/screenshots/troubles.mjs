// What goes wrong: no network, a slow one, a folder that is gone, storage that was tampered with, a browser without cryptography.

export async function troubles({ app, page, context, server, take, who }) {
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

  // One byte of a signature that is not as it was.
  await context.route("**/v1/records/query", async (route) => {
    const response = await route.fetch();
    const answer = await response.json();
    const tampered = answer.records?.findLast((record) => Object.keys(record.fields).some((name) => /name/.test(name)));
    if (tampered) spoil(tampered.fields);
    await route.fulfill({ response, json: answer });
  });
  await page.goto(`${server.origin}/files`);
  await page.locator("[data-testid=entry][data-kind=damaged]").waitFor();
  await take("damaged-entry");
  await page.locator("[data-testid=entry][data-kind=damaged]").dblclick();
  await app.at("damaged").waitFor();
  await take("damaged-dialog");
  await page.keyboard.press("Escape");
  await context.unroute("**/v1/records/query");

  await context.route("**/v1/**", (route) => route.abort("connectionrefused"));
  await page.goto(`${server.origin}/files`);
  await app.failure().filter({ hasText: /reached/i }).waitFor({ timeout: 120_000 });
  await take("server-gone");
  await context.unroute("**/v1/**");
  await page.goto(`${server.origin}/files`);
  await app.entry("Reisen").waitFor();
}

/** Changes a letter in the longest text of some values. */
function spoil(values) {
  let longest = { text: "" };
  const walk = (holder) => {
    for (const [key, value] of Object.entries(holder)) {
      if (typeof value === "string" && value.length > longest.text.length) longest = { holder, key, text: value };
      if (value !== null && typeof value === "object") walk(value);
    }
  };
  walk(values);
  const { holder, key, text } = longest;
  holder[key] = (text[0] === "A" ? "B" : "A") + text.slice(1);
}
