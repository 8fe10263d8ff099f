// Accounts and cloud in AWS: a user pool of the platform's template, tables, a bucket. Whoever uses the app sees no difference.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdir } from "node:fs/promises";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { beginRecovery, choosePassword, isRefused, leave, NEW_PASSWORD, otherBrowser, prove, toAccount } from "./support/account.mjs";
import { App, person } from "./support/app.mjs";
import { launch, openPage } from "./support/browser.mjs";
import { startGateway } from "./support/gateway.mjs";
import { freePort, startServer } from "./support/server.mjs";
import { setting } from "./support/setting.mjs";
import { file } from "./support/story.mjs";

const run = promisify(execFile);
const name = `platform-${randomBytes(4).toString("hex")}`;
const [cloudTable, accountTable] = [name, `${name}-accounts`];
const program = setting("IMEGHA_TEST_SERVER_WITH_AWS");
const cognito = new URL(setting("IMEGHA_TEST_COGNITO_ENDPOINT")).origin;

let server, browser, env;
before(async () => {
  const python = setting("IMEGHA_TEST_PYTHON");
  const { stdout } = await run(python, ["support/user_pool.py", name, "../../../imegha-platform/deploy/platform.yaml"]);
  const made = JSON.parse(stdout);
  env = {
    IMEGHA_PLATFORM: "aws",
    IMEGHA_COGNITO_POOL: made.pool,
    IMEGHA_COGNITO_CLIENT: made.client,
    IMEGHA_COGNITO_SECRET: made.secret,
    IMEGHA_COGNITO_ENDPOINT: cognito,
    IMEGHA_COGNITO_JWKS: `${cognito}/${made.pool}/.well-known/jwks.json`,
    IMEGHA_TABLE: accountTable,
    IMEGHA_DYNAMODB_ENDPOINT: setting("IMEGHA_TEST_DYNAMODB_ENDPOINT"),
    IMEGHA_PLATFORM_SECRET: randomBytes(32).toString("hex"),
    IMEGHA_HOSTED_CLOUDS: "off",
  };
  browser = await launch();
  // The tables are there before the server, and its origin before the bucket: so its port is chosen here.
  const port = await freePort();
  await run(python, ["support/storage.py", name, `http://127.0.0.1:${port}`, cloudTable, accountTable]);
  server = { ...(await startServer({ program, env, port })), code: mailed };
});
after(async () => {
  await browser?.close();
  await server?.remove();
});

/** Cognito mails the codes itself: the newest that it has mailed to an address, after so many others. */
async function mailed(email, others = 0) {
  for (let tries = 0; tries < 100; tries += 1) {
    const { messages } = await (await fetch(`${cognito}/_ministack/ses/messages`)).json();
    const mails = Object.values(messages).flat().filter((mail) => mail.To.includes(email));
    if (mails.length > others) return /Your code for iMegha is (\d{6})/.exec(mails.at(-1).BodyText)[1];
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("no code was mailed");
}

/** What the operator's program says of an address. */
async function held(email) {
  const asked = run(program, ["person", email], { env: { ...process.env, ...env, IMEGHA_ORIGIN: server.origin } });
  return asked.then(({ stdout }) => stdout.trim().split("\n"), ({ stderr }) => stderr);
}

test("sign up, recover and delete, with no account on the server's own disk", { timeout: 300_000 }, async (t) => {
  const { page, violations, close } = await openPage(browser);
  const app = new App(page, server);
  const who = person("arne");
  await app.begin(who);
  const words = await app.keepPhrase();
  // A wrong code first: it is Cognito that says so.
  const code = await mailed(who.email);
  await app.at("code").fill(code === "111111" ? "222222" : "111111");
  await app.at("confirm").click();
  await app.failure().first().waitFor();
  await app.at("code").fill(code);
  await app.at("confirm").click();
  await app.at("no-cloud").waitFor({ timeout: 60_000 });
  const inAccount = [
    ["--backend", "aws", "--bucket", name, "--table", cloudTable],
    ["--s3-endpoint", setting("IMEGHA_TEST_S3_ENDPOINT"), "--dynamodb-endpoint", setting("IMEGHA_TEST_DYNAMODB_ENDPOINT")],
  ].flat();
  const gateway = await startGateway(t, await app.at("owner").textContent(), { settings: inAccount });
  await app.at("gateway-address").fill(gateway.address);
  await app.at("connect").click();
  await app.at("connected").waitFor({ timeout: 60_000 });
  await app.at("place-files").click();
  await app.at("empty").waitFor();
  await app.choose([file("Geheim.txt", "words that stay")]);
  await app.transfer("Geheim.txt", "done").waitFor();
  const before = await held(who.email);
  assert.ok(before.length > 3, `what is held can be asked for: ${before}`);
  assert.ok(before.some((line) => line.includes(who.tag)));
  await leave(app);

  // Somebody else's browser, and nothing but the words.
  const other = await otherBrowser(browser, server);
  await beginRecovery(other.app, who.email);
  await prove(other.app, await mailed(who.email, 1), words);
  await choosePassword(other.app);
  await other.app.entry("Geheim.txt").waitFor({ timeout: 60_000 });
  await isRefused(app, who);
  await app.signIn({ ...who, password: NEW_PASSWORD });
  await app.entry("Geheim.txt").waitFor({ timeout: 60_000 });
  await other.end();

  await toAccount(app, "to-delete", "delete-says");
  await app.at("stays-own").waitFor();
  await app.at("delete-sure").check();
  await app.at("password-now").fill(NEW_PASSWORD);
  await app.at("delete-account").click();
  await app.at("landing").waitFor({ timeout: 60_000 });
  assert.match(String(await held(who.email)), /nothing is held on this address/);
  await isRefused(app, { ...who, password: NEW_PASSWORD });
  const onDisk = await readdir(server.data, { recursive: true });
  assert.deepEqual(onDisk.filter((name) => /sqlite|secret/.test(name)), [], "accounts and their secret are elsewhere");
  assert.deepEqual(await violations(), []);
  await close();
});
