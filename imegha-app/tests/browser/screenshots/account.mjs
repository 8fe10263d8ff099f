// From nothing to an empty cloud.

export async function account({ app, server, take, who }) {
  await app.open("/sign-up");
  await app.at("password").fill("password1");
  await app.measured();
  await app.at("sign-up").click();
  await take("sign-up-problems", { whole: true });
  await app.begin(who);
  await app.at("phrase-word").nth(23).waitFor();
  await take("phrase", { whole: true });
  await app.at("phrase-kept").click();
  await app.at("recall-0").waitFor();
  await take("recall", { whole: true });
  await app.at("phrase-again").click();
  await app.keepPhrase();
  await take("code", { whole: true });
  await app.at("code").fill(await server.code(who.email));
  await app.at("confirm").click();
  await app.at("empty").waitFor();
  await take("files-empty");
  await app.at("who").click();
  await app.at("account-menu").waitFor();
  await take("account-menu");
  await app.at("who").click();
  await app.at("account-menu").waitFor({ state: "hidden" });
}
