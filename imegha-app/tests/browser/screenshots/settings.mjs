// The settings, what is below them, and the versions of a file.

export async function settings({ app, page, take, choose, quiet }) {
  await app.choose([{ name: "Notiz.txt", mimeType: "text/plain", buffer: Buffer.from("kürzer") }]);
  await app.at("taken-replace").click();
  await app.transfer("Notiz.txt", "done").waitFor();
  await quiet();
  await choose("Notiz.txt", "do-versions");
  await app.at("version").nth(1).waitFor();
  await app.at("prune-keep").selectOption({ label: "only what is there now" });
  await app.at("prune").waitFor();
  await take("versions");
  await app.at("versions-close").click();
  await quiet();

  await app.at("place-settings").click();
  await app.at("to-profile").waitFor();
  await take("settings");
  await app.at("to-profile").click();
  await app.at("profile-name").waitFor();
  await app.at("profile-name").fill("Lena Ott");
  await app.at("profile-bio").fill("Gärtnert, imkert, fährt Rad.");
  await take("profile", { whole: true });
  await app.at("profile-save").click();
  await app.at("toast").first().waitFor();
  await quiet();
  await app.at("settings-back").click();
  await app.at("to-cloud").click();
  await app.at("owner").waitFor();
  await take("cloud", { whole: true });
  await app.at("gateway-address").fill("http://cloud.example");
  await app.at("connect").click();
  await app.failure().filter({ hasText: /cannot be used/ }).waitFor();
  await take("cloud-refused");
  await app.at("settings-back").click();
  await app.at("to-storage").click();
  await app.at("storage").waitFor();
  await take("storage", { whole: true });
  await app.at("settings-back").click();
  await app.at("to-check").click();
  await app.at("check-quick").click();
  await app.at("check-sound").waitFor();
  await take("check", { whole: true });
  await app.at("settings-back").click();
  await app.at("to-activity").click();
  await app.at("activity-proof").waitFor();
  await take("activity");
  await app.at("place-files").click();
  await app.entry("Reisen").waitFor();
  await page.keyboard.press("Escape");
}
