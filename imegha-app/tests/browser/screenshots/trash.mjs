// The trash.

export async function trash({ app, page, take, choose, quiet }) {
  for (const name of ["Film vom Winter.mp4", "Steuer"]) {
    await choose(name, "do-delete");
    await app.entry(name).waitFor({ state: "detached" });
  }
  await quiet();
  await app.at("place-trash").click();
  await app.entry("Steuer").waitFor();
  await take("trash");
  await choose("Steuer", "do-purge");
  await app.at("purge-ask").waitFor();
  await take("purge-one");
  await app.at("purge-cancel").click();
  await app.at("empty-trash").click();
  await app.at("purge-ask").waitFor();
  await take("purge-all");
  await app.at("purge-confirm").click();
  await app.at("trash-empty").waitFor();
  await quiet();
  await take("trash-empty");
  await app.at("place-files").click();
  await app.entry("Reisen").waitFor();
  await page.keyboard.press("Escape");
}
