// What everybody sees.

export async function pages({ app, take, who }) {
  for (const [name, path] of [["landing", "/"], ["sign-in", "/sign-in"], ["sign-up", "/sign-up"], ["recover", "/recover"], ["privacy", "/privacy"], ["not-found", "/nowhere"]]) {
    await app.open(path);
    await take(name, { whole: true });
  }
  await app.open("/sign-in");
  await app.at("sign-in-email").fill(who.email);
  await app.at("sign-in-password").fill(who.password);
  await app.at("sign-in-stay").check();
  await take("sign-in-stay", { whole: true });
  await app.at("sign-in").click();
  await app.failure().filter({ hasText: /wrong/ }).waitFor();
  await take("sign-in-wrong", { whole: true });
}
