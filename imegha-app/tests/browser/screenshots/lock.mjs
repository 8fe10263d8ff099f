// The lock, and signing out.

export async function lock({ app, page, take, who }) {
  await app.at("who").click();
  await app.at("lock-now").click();
  await app.at("locked").waitFor();
  await take("locked");
  await app.at("unlock-password").fill("not it");
  await app.at("unlock").click();
  await app.failure().filter({ hasText: /wrong/i }).waitFor();
  await take("locked-wrong");
  await app.at("unlock-password").fill(who.password);
  await app.at("unlock").click();
  await app.entry("Reisen").waitFor();
  await page.keyboard.press("Escape");
}
