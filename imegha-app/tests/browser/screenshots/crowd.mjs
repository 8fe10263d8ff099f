// A thousand files.

export async function crowd({ app, page, take, quiet }) {
  await app.at("new-folder").click();
  await app.at("folder-name").fill("Tausend");
  await app.at("create-folder").click();
  await app.entry("Tausend").getByTestId("open").click();
  await app.at("empty").waitFor();
  const names = Array.from({ length: 1000 }, (_, index) => `Beleg ${index + 1}.txt`);
  await app.choose(names.map((name) => ({ name, mimeType: "text/plain", buffer: Buffer.from(name) })));
  await page.locator("[data-testid=transfers-summary]").filter({ hasText: /\d/ }).waitFor();
  await take("many-transfers");
  await page.locator("[data-testid=list][data-count='1000']").waitFor({ timeout: 600_000 });
  await page.locator("[data-testid=transfer][data-state=done]").first().waitFor();
  await quiet();
  await take("many");
  await page.keyboard.press("Control+a");
  await take("many-selected");
  await page.keyboard.press("End");
  await take("many-end");
}
