// A cloud in an account of one's own, through every page: a gateway before S3 and DynamoDB, and what is in files goes straight between the
// browser and the bucket. The app's server keeps nothing and sees nothing of it.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { App, person, sha256 } from "./support/app.mjs";
import { launch, openPage } from "./support/browser.mjs";
import { writeLarge, writePhoto } from "./support/files.mjs";
import { startGateway } from "./support/gateway.mjs";
import { startRelay } from "./support/relay.mjs";
import { freePort, startServer } from "./support/server.mjs";
import { setting } from "./support/setting.mjs";
import { file, gone, makeFolder, names, settled, trash } from "./support/story.mjs";

const run = promisify(execFile);
const name = `browser-${Math.random().toString(36).slice(2, 10)}`;
const bucket = new URL(setting("IMEGHA_TEST_S3_ENDPOINT")).origin;

let server, browser, folder, gateway, toApp, toGateway;
before(async () => {
  [toApp, toGateway] = [await startRelay(), await startRelay()];
  const behind = await freePort();
  toApp.to(behind);
  server = await startServer({ port: toApp.port, env: { IMEGHA_HOSTED_CLOUDS: "off", IMEGHA_ADDR: `127.0.0.1:${behind}` } });
  browser = await launch();
  folder = await mkdtemp(join(tmpdir(), "imegha-own-"));
  await run(setting("IMEGHA_TEST_PYTHON"), ["support/storage.py", name, server.origin, name]);
});
after(async () => {
  await browser?.close();
  await server?.remove();
  toApp?.close();
  toGateway?.close();
  if (folder) await rm(folder, { recursive: true, force: true });
});

const IN_ACCOUNT = [
  ["--backend", "aws"],
  ["--bucket", name],
  ["--table", name],
  ["--s3-endpoint", setting("IMEGHA_TEST_S3_ENDPOINT")],
  ["--dynamodb-endpoint", setting("IMEGHA_TEST_DYNAMODB_ENDPOINT")],
  // Everything that has a body goes past it.
  ["--direct-from", "1"],
].flat();

test("an account of one's own serves every page, and bodies pass the gateway by", { timeout: 600_000 }, async (t) => {
  const whole = t;
  const opened = await openPage(browser);
  const { page, context, watch } = opened;
  const app = new App(page, server);
  const who = person("olga");
  const asked = [];
  context.on("request", (request) => asked.push({ url: request.url(), method: request.method() }));
  const large = join(folder, "Groß.dat");
  await writeLarge(large, 20_000_000);
  const picture = join(folder, "See.jpg");
  await writePhoto(page, picture);
  const words = "Liebe Olga, ".repeat(20_000);
  let phrase;

  await t.test("sign up, and connect it", async () => {
    await app.begin(who);
    phrase = await app.keepPhrase();
    await app.at("code").fill(await server.code(who.email));
    await app.at("confirm").click();
    await app.at("no-cloud").waitFor();
    // Whoever deploys first comes back another day.
    await app.at("who").click();
    await app.at("sign-out").click();
    await app.signIn(who);
    await app.at("no-cloud").waitFor();
    gateway = await startGateway(whole, await app.at("owner").textContent(), { settings: IN_ACCOUNT, relay: toGateway });
    await app.at("gateway-address").fill(gateway.address);
    await app.at("connect").click();
    await app.at("connected").waitFor();
    await app.at("place-address").filter({ hasText: gateway.address }).waitFor();
  });

  await t.test("upload, list, download", async () => {
    await app.at("place-files").click();
    await app.at("empty").waitFor();
    await makeFolder(app, "Ablage");
    await app.choose([file("Brief.txt", words)]);
    await settled(app, 1);
    await app.choose([large, picture]);
    await settled(app, 3);
    await app.at("transfers-clear").click();
    assert.deepEqual((await names(app)).sort(), ["Ablage", "Brief.txt", "Groß.dat", "See.jpg"]);
    assert.equal(await sha256((await app.download("Groß.dat")).path), await sha256(large));
    assert.equal(await readFile((await app.download("Brief.txt")).path, "utf8"), words);
    await app.at("transfers-clear").click();
  });

  await t.test("look at it, and at the photos", async () => {
    await app.entry("See.jpg").getByTestId("thumb").waitFor();
    await app.entry("See.jpg").click();
    await page.keyboard.press("Enter");
    await page.locator("[data-testid=viewer][data-state=image]").waitFor();
    await app.at("viewer-close").click();
    await app.at("place-photos").click();
    await page.locator("[data-testid=photo][data-name='See.jpg']").waitFor();
    await app.at("place-files").click();
    await app.entry("Brief.txt").waitFor();
  });

  await t.test("versions", async () => {
    await app.choose([file("Brief.txt", "kürzer")]);
    await app.at("taken-replace").click();
    await settled(app, 1);
    await app.at("transfers-clear").click();
    await app.entry("Brief.txt").getByTestId("more").click();
    await app.at("do-versions").click();
    await page.locator("[data-testid=version][data-number='1']").getByTestId("version-restore").click();
    await page.locator("[data-testid=version][data-number='3']").waitFor();
    await app.at("versions-close").click();
    assert.equal(await readFile((await app.download("Brief.txt")).path, "utf8"), words);
  });

  await t.test("trash, restore, purge", async () => {
    await trash(app, "See.jpg");
    await trash(app, "Ablage");
    await app.at("place-trash").click();
    await app.entry("See.jpg").click();
    await app.at("bar-restore").click();
    await gone(app.entry("See.jpg"));
    await app.entry("Ablage").click();
    await app.at("bar-purge").click();
    await app.at("purge-confirm").click();
    await app.at("trash-empty").waitFor();
  });

  await t.test("check, storage, activity", async () => {
    await app.at("place-settings").click();
    await app.at("to-check").click();
    for (const [depth, said] of [["check-quick", /Contents were not read/], ["check-deep", /Every byte was read/]]) {
      await app.at(depth).click();
      await app.at("check-sound").filter({ hasText: said }).waitFor({ timeout: 120_000 });
    }
    await app.at("settings-back").click();
    await app.at("to-storage").click();
    await page.locator("[data-testid=amount][data-kind=newest][data-count='3']").waitFor();
    assert.equal(await app.at("quota").count(), 0, "an account of one's own has no quota");
    await app.at("settings-back").click();
    await app.at("to-activity").click();
    await app.at("activity-proof").waitFor();
    const actions = await app.at("activity-entry").evaluateAll((lines) => lines.map((line) => line.dataset.action));
    for (const action of ["create-cloud", "upload", "trash", "restore", "purge"]) assert.ok(actions.includes(action), `${action}: ${actions}`);
  });

  await t.test("export, and the same account signed in to again", async () => {
    await app.at("who").click();
    await app.at("export-open").click();
    const started = page.waitForEvent("download");
    await app.at("export-archive").click();
    const archive = join(folder, "all.tar");
    await (await started).saveAs(archive);
    await page.locator("[data-testid=export][data-state=done]").waitFor({ timeout: 120_000 });
    const out = await mkdtemp(join(folder, "out-"));
    await run("tar", ["-xf", archive, "-C", out]);
    assert.equal(await sha256(join(out, "files", "Groß.dat")), await sha256(large));
    assert.equal(await sha256(join(out, "files", "See.jpg")), await sha256(picture));
    await app.at("export-close").click();
    await app.at("who").click();
    await app.at("sign-out").click();
    await app.signIn(who);
    await app.entry("Groß.dat").waitFor();
  });

  await t.test("bodies went straight to the bucket, and nothing went anywhere else", async () => {
    const all = asked.filter(({ url }) => !/^(blob|data):/.test(url));
    const at = (origin) => all.filter(({ url }) => url.startsWith(`${origin}/`));
    const [ofGateway, ofBucket, ofApp] = [at(new URL(gateway.address).origin), at(bucket), at(server.origin)];
    assert.deepEqual(all.filter((request) => ![ofGateway, ofBucket, ofApp].some((of) => of.includes(request))), []);

    // Signed for one object each, and nothing of the account's in the address.
    for (const { url } of ofBucket) assert.match(url, new RegExp(`^${bucket}/${name}/[^?]+\\?.*X-Amz-Signature=`));
    const [puts, gets] = ["PUT", "GET"].map((method) => ofBucket.filter((request) => request.method === method));
    assert.ok(puts.filter(({ url }) => /[?&]partNumber=\d+/.test(url)).length >= 3, "20 MB are three parts");
    assert.ok(puts.length >= 6 && gets.length >= 6, `${puts.length} puts and ${gets.length} gets`);

    // Of the gateway addresses are asked, and records; of the app's server, what signs in.
    assert.deepEqual(ofGateway.filter(({ method }) => method === "PUT"), []);
    const objects = ofGateway.filter(({ url, method }) => method === "GET" && /\/blobs\/[^?/]/.test(url));
    assert.ok(objects.length > 0);
    assert.deepEqual(objects.filter(({ url }) => !/(\?direct=1|\/meta)$/.test(url)), []);
    assert.ok(ofApp.every(({ url, method }) => method === "GET" || url.startsWith(`${server.origin}/api/v1/`)));
    assert.deepEqual(ofApp.filter(({ url }) => url.startsWith(`${server.origin}/cloud/`)), []);
    // 20 MB were stored and read again three times: less than a tenth of one time went there, all requests and records together.
    t.diagnostic(`through the gateway: ${JSON.stringify(toGateway.counted)}; to the app: ${toApp.counted.sent}`);
    for (const bytes of [toGateway.counted.sent, toGateway.counted.received, toApp.counted.sent]) assert.ok(bytes < 2_000_000, `${bytes}`);
    assert.deepEqual(await opened.violations(), []);
    // The gateway has proved that it does not answer what is signed wrongly, once.
    const unanswered = watch.errors.filter((error) => /the server responded with a status of 404/.test(error));
    assert.deepEqual(watch.errors.filter((error) => !unanswered.includes(error)), []);
    assert.ok(unanswered.length <= 2, unanswered.join());
  });
  await opened.close();

  await t.test("24 words and the account are enough to read it without this app", async () => {
    const [target, out] = [join(folder, "read"), join(folder, "read", "files")];
    const env = {
      ...process.env,
      AWS_ENDPOINT_URL_S3: setting("IMEGHA_TEST_S3_ENDPOINT"),
      AWS_ENDPOINT_URL_DYNAMODB: setting("IMEGHA_TEST_DYNAMODB_ENDPOINT"),
      AWS_DEFAULT_REGION: setting("AWS_REGION"),
    };
    const reading = run(setting("IMEGHA_TEST_PYTHON"), ["../../../imegha-cloud/tests/reader.py", name, name, "", target], { env });
    reading.child.stdin.end(phrase.join(" "));
    await reading;
    assert.equal(await sha256(join(out, "Groß.dat")), await sha256(large));
    assert.equal(await readFile(join(out, "Brief.txt"), "utf8"), words);
  });
});
