// Another place for the cloud: what is no gateway of one's own is refused in words, and what is in the cloud comes along or nothing changes.

import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

import { App, person } from "./support/app.mjs";
import { openPage } from "./support/browser.mjs";
import { startGateway } from "./support/gateway.mjs";
import { startRelay } from "./support/relay.mjs";
import { freePort, startServer } from "./support/server.mjs";
import { browser, server } from "./support/stage.mjs";
import { anotherTab, begin, enter, file, gone, makeFolder, names, settled } from "./support/story.mjs";

async function toCloud(app) {
  await app.at("place-settings").click();
  await app.at("to-cloud").click();
  await app.at("owner").waitFor();
}

async function connect(app, address) {
  await app.at("gateway-address").fill(address);
  await app.at("connect").click();
}

const UNANSWERED = /Failed to load resource: the server responded with a status of 404/;

const owner = (app) => app.at("owner").textContent();

/** As `end` of a story, which asks nobody else but these. A gateway that proves to be the owner's leaves one question unanswered, and Chromium
    says so; where nobody answers at all, too. */
async function done({ watch, context, foreign }, others, { lost = false } = {}) {
  const left = foreign(server.origin).filter((url) => !others.some((other) => url.startsWith(other)));
  assert.deepEqual(left, [], "nobody else was asked");
  for (const page of context.pages()) assert.deepEqual(await page.evaluate(() => globalThis.__violations), []);
  const expected = lost ? /Failed to load resource|blocked by CORS policy/ : UNANSWERED;
  assert.deepEqual(watch.errors.filter((error) => !expected.test(error)), []);
  await context.close();
}

test("the page says where the cloud is, what one of one's own is made from, and for whom", async () => {
  const story = await begin(browser, server, "wanda");
  const { app, page, end } = story;
  await toCloud(app);
  assert.equal(await app.at("place").getAttribute("data-hosted"), "true");
  assert.match(await app.at("place-address").textContent(), new RegExp(`^${server.origin}/cloud/[0-9a-f]{64}$`));
  assert.match(await app.at("place-id").textContent(), /^[0-9a-f]{32}$/);
  assert.match(await app.at("place-release").textContent(), /^version \d+\.\d+\.\d+/);
  assert.match(await owner(app), /^[A-Za-z0-9_-]{435}$/);
  assert.equal(await app.at("app-origin").textContent(), server.origin);
  assert.doesNotMatch(await app.at("deploy-line").textContent(), /--connect/, "who has a cloud moves it");
  assert.equal(await app.at("deploy-move-line").textContent(), "imegha migrate --to ADDRESS");
  assert.equal(await app.at("quick-create").count(), 0, "no operator has put anything in a public place");
  const saved = page.waitForEvent("download");
  await app.at("template").click();
  const template = await readFile(await (await saved).path(), "utf8");
  assert.equal(template, await readFile("../../../imegha-cloud/deploy/personal-cloud.yaml", "utf8"));
  assert.match(template, /^ {2}Owner:$/m);
  await end();
});

test("what is no gateway of this owner is refused in words, and the cloud stays where it is", async (t) => {
  const story = await begin(browser, server, "wilma", { files: [file("Brief.txt", "bleibt")] });
  const { app } = story;
  await toCloud(app);
  const here = await app.at("place-address").textContent();

  await connect(app, "");
  await app.at("gateway-address-problem").filter({ hasText: /Enter the address/ }).waitFor();
  for (const address of ["http://cloud.example", "http://[::1]:8080", "https://me@cloud.example", "https://cloud.example/?a", "ftp://cloud.example"]) {
    await connect(app, address);
    await app.failure().filter({ hasText: /This address cannot be used/ }).waitFor();
  }

  // A port where nobody listens.
  const nobody = createServer();
  await new Promise((resolve) => nobody.listen(0, "127.0.0.1", resolve));
  const dead = `http://127.0.0.1:${nobody.address().port}/`;
  await new Promise((resolve) => nobody.close(resolve));
  await connect(app, dead);
  await app.failure().filter({ hasText: /The gateway cannot be reached/ }).waitFor();

  // Somebody who answers, and whatever is asked; then one of a later age.
  let said = "<!doctype html><title>A shop</title>";
  const shop = createServer((request, response) => {
    response.writeHead(200, { "access-control-allow-origin": "*", "access-control-allow-headers": "*", "content-type": "text/html" }).end(said);
  });
  await new Promise((resolve) => shop.listen(0, "127.0.0.1", resolve));
  const open = `http://127.0.0.1:${shop.address().port}/`;
  await connect(app, open);
  await app.failure().filter({ hasText: /This is not a gateway/ }).waitFor();
  said = JSON.stringify({ protocol: { oldest: 70, newest: 71 }, release: "70.0.0" });
  await connect(app, open);
  await app.failure().filter({ hasText: /are of different versions/ }).waitFor();
  shop.close();

  const other = await begin(browser, server, "wera");
  await toCloud(other.app);
  const theirs = await startGateway(t, await owner(other.app));
  await other.end();
  await connect(app, theirs.address);
  await app.failure().filter({ hasText: /This gateway is not yours/ }).waitFor();

  assert.equal(await app.at("place-address").textContent(), here);
  await app.at("place-files").click();
  await app.entry("Brief.txt").waitFor();
  await done(story, [dead, open, theirs.address], { lost: true });
});

test("a cloud with nothing in it moves at once; the old place takes no changes any more", async (t) => {
  const story = await begin(browser, server, "walda");
  const { app } = story;
  await toCloud(app);
  const before = await app.at("place-address").textContent();
  const id = await app.at("place-id").textContent();
  const gateway = await startGateway(t, await owner(app));
  await connect(app, gateway.address);
  await app.at("connected").waitFor();
  assert.equal(await app.at("before").textContent(), before, "where it was is not forgotten");
  assert.equal(await app.at("before-says").getAttribute("data-left"), "true");
  assert.match(await app.at("before-says").textContent(), /takes no changes any more/);
  // It stands there also for who has left the page meanwhile.
  await app.at("place-files").click();
  await toCloud(app);
  assert.equal(await app.at("before").textContent(), before);
  await app.at("place").locator("[data-testid=place-address]").filter({ hasText: gateway.address }).waitFor();
  assert.equal(await app.at("place-id").textContent(), id, "it is the same cloud");
  assert.equal(await app.at("place").getAttribute("data-hosted"), "false");
  await app.at("place-files").click();
  await app.at("empty").waitFor();
  await app.choose([file("Neu.txt", "am neuen Ort")]);
  await app.transfer("Neu.txt", "done").waitFor();
  assert.equal(await readFile((await app.download("Neu.txt")).path, "utf8"), "am neuen Ort");
  await app.at("who").click();
  await app.at("sign-out").click();
  await app.signIn(story.who);
  await app.entry("Neu.txt").waitFor();
  await done(story, [gateway.address]);
});

test("files come along only when that is asked for: asked first, stopped, gone on with, and then seen by the other tab too", { timeout: 300_000 }, async (t) => {
  const large = { name: "Groß.dat", mimeType: "application/octet-stream", buffer: Buffer.alloc(30_000_000, 5) };
  const story = await begin(browser, server, "wiebke", { files: [file("Brief.txt", "kommt mit"), large], folders: ["Ablage"] });
  const { app, context } = story;
  const tab = await anotherTab(story);
  await tab.entry("Brief.txt").waitFor();
  await toCloud(app);
  const before = await app.at("place-address").textContent();
  const gateway = await startGateway(t, await owner(app));

  await connect(app, gateway.address);
  const asked = app.at("moves-first");
  await asked.filter({ hasText: /2 stored contents, 30 MB/ }).waitFor();
  assert.ok((await asked.textContent()).includes(before), "it says where they are");
  assert.equal(await app.at("migrate-line").textContent(), `imegha migrate --to ${gateway.address.trim()}`);
  await app.at("move-not").click();
  await gone(asked);
  assert.equal(await app.at("place-address").textContent(), before, "asking has changed nothing");

  // A line on which there is time to stop it.
  const objects = new RegExp(`^${gateway.address}.*/blobs/`);
  await context.route(objects, async (route) => {
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    await route.continue().catch(() => {});
  });
  await connect(app, gateway.address);
  await app.at("move-cloud").click();
  await app.at("moving").waitFor();
  await app.at("move-stop").click();
  await app.failure().filter({ hasText: /Your cloud is where it was/ }).waitFor();
  await context.unroute(objects);
  assert.equal(await app.at("place-address").textContent(), before);
  await app.failure().getByTestId("way-on").click();
  await app.at("connected").waitFor({ timeout: 120_000 });
  assert.equal(await app.at("before").textContent(), before);

  await app.at("place-files").click();
  await app.entry("Ablage").waitFor();
  assert.deepEqual((await names(app)).sort(), ["Ablage", "Brief.txt", "Groß.dat"]);
  assert.equal(await readFile((await app.download("Brief.txt")).path, "utf8"), "kommt mit");
  assert.ok((await readFile((await app.download("Groß.dat")).path)).equals(large.buffer));

  // The other tab has followed: what it writes is in the new place, and seen here.
  await makeFolder(tab, "Vom anderen Tab");
  await app.entry("Vom anderen Tab").waitFor();
  await enter(tab, "Vom anderen Tab");
  await done(story, [gateway.address], { lost: true });
});

test("an account whose server keeps no files lands where a cloud is connected, and says so wherever one is needed", async (t) => {
  const bare = await startServer({ env: { IMEGHA_HOSTED_CLOUDS: "off" } });
  t.after(() => bare.remove());
  const opened = await openPage(browser);
  const app = new App(opened.page, bare);
  const who = person("wulf");
  await app.begin(who);
  await app.keepPhrase();
  await app.at("code").fill(await bare.code(who.email));
  await app.at("confirm").click();
  await app.at("no-cloud").waitFor();
  assert.equal(new URL(opened.page.url()).pathname, "/settings/cloud");
  await app.at("place-files").click();
  await app.failure().filter({ hasText: /You have no cloud yet/ }).waitFor();
  for (const place of ["place-photos", "place-trash"]) {
    await app.at(place).click();
    await app.failure().filter({ hasText: /You have no cloud yet/ }).waitFor();
  }
  await app.at("way-on").click();
  await app.at("no-cloud").waitFor();
  const gateway = await startGateway(t, await owner(app));

  // Signed in again: it is still where one lands, and what locks and unlocks works without a cloud.
  await app.at("who").click();
  await app.at("lock-now").click();
  await app.at("unlock-password").fill(who.password);
  await app.at("unlock").click();
  await app.at("no-cloud").waitFor();
  await app.at("who").click();
  await app.at("sign-out").click();
  await app.signIn(who);
  await app.at("no-cloud").waitFor();
  await connect(app, gateway.address);
  await app.at("connected").waitFor();
  assert.equal(await app.at("before").count(), 0, "it was nowhere before");
  await app.at("place-files").click();
  await app.at("empty").waitFor();
  await app.choose([file("Erster.txt")]);
  await settled(app, 1);
  const left = opened.foreign(bare.origin).filter((url) => !url.startsWith(gateway.address));
  assert.deepEqual(left, []);
  assert.deepEqual(opened.watch.errors.filter((error) => !UNANSWERED.test(error)), []);
  await opened.close();
});

test("where an operator has put template and program, a link fills in the AWS console for this owner and this app", async (t) => {
  const place = {
    IMEGHA_TEMPLATE_URL: "https://imegha-public.s3.eu-north-1.amazonaws.com/personal-cloud.yaml",
    IMEGHA_CODE_BUCKET: "imegha-public",
    IMEGHA_CODE_KEY: "gateway 1.zip",
    IMEGHA_CODE_REGION: "eu-north-1",
    IMEGHA_STACK: "my-cloud",
  };
  const secure = await startServer({ tls: true, env: { IMEGHA_HOSTED_CLOUDS: "off", ...place } });
  t.after(() => secure.remove());
  const { page, foreign, violations, close } = await openPage(browser, { ignoreHTTPSErrors: true });
  const app = new App(page, secure);
  const who = person("walburga");
  await app.begin(who);
  await app.keepPhrase();
  await app.at("code").fill(await secure.code(who.email));
  await app.at("confirm").click();
  await app.at("quick-create").waitFor();
  assert.match(await app.at("deploy-line").textContent(), /--connect$/);
  assert.equal(await app.at("deploy-move-line").count(), 0);
  // The app came by https, so no gateway is asked without.
  await connect(app, "http://127.0.0.1:8080");
  await app.failure().filter({ hasText: /This address cannot be used/ }).waitFor();
  const link = new URL(await app.at("quick-create").getAttribute("href"));
  assert.equal(link.origin, "https://eu-north-1.console.aws.amazon.com");
  const [path, query] = link.hash.slice(1).split("?");
  assert.equal(path, "/stacks/create/review");
  assert.deepEqual(Object.fromEntries(new URLSearchParams(query)), {
    templateURL: place.IMEGHA_TEMPLATE_URL,
    stackName: "my-cloud",
    param_Owner: await owner(app),
    param_AppOrigin: secure.origin,
    param_GatewayCodeBucket: "imegha-public",
    param_GatewayCodeKey: "gateway 1.zip",
  });
  assert.match(await app.at("quick-create").getAttribute("rel"), /noopener noreferrer/);
  assert.equal(await app.at("not-secure").count(), 0);
  // The link is followed by people, and asked for by no page.
  assert.deepEqual(foreign(secure.origin), []);
  assert.deepEqual(await violations(), []);
  await close();
});

/** A server that keeps no files, and a page of a new account there, which has no cloud yet. */
async function without(t, name) {
  const bare = await startServer({ env: { IMEGHA_HOSTED_CLOUDS: "off" } });
  t.after(() => bare.remove());
  const opened = await openPage(browser);
  t.after(() => opened.close());
  const app = new App(opened.page, bare);
  const who = person(name);
  await app.begin(who);
  await app.keepPhrase();
  await app.at("code").fill(await bare.code(who.email));
  await app.at("confirm").click();
  await app.at("no-cloud").waitFor();
  return { bare, app, who, ...opened };
}

test("a device that has not heard of the cloud makes no second one, and brings what the recovery phrase opens it by", async (t) => {
  const { bare, app, who, ...first } = await without(t, "wolfgang");
  const second = await openPage(browser);
  t.after(() => second.close());
  const other = new App(second.page, bare);
  await other.signIn(who);
  await other.at("no-cloud").waitFor();
  const [here, there] = [await startGateway(t, await owner(app)), await startGateway(t, await owner(app))];

  // The other device has nothing that the phrase opens it by, and says so.
  await connect(other, here.address);
  await other.at("connected").waitFor();
  await other.at("place-unrecoverable").waitFor();
  await other.at("place-files").click();
  await makeFolder(other, "Vom anderen Gerät");

  // This one knows of no cloud. It asks before it makes one.
  await connect(app, there.address);
  await app.failure().filter({ hasText: /Another device was faster/ }).waitFor();
  await app.at("place-address").filter({ hasText: here.address }).waitFor();
  assert.deepEqual(first.foreign(bare.origin).filter((url) => url.startsWith(there.address)), [], "nothing was asked there, let alone made");
  assert.equal(await app.at("place-unrecoverable").count(), 0, "this device had it");
  await app.at("place-files").click();
  await app.entry("Vom anderen Gerät").waitFor();
  await toCloud(other);
  await other.at("place").waitFor();
  assert.equal(await other.at("place-unrecoverable").count(), 0);
});

test("whoever's gateway is away gets in, makes no second cloud, and takes the other address of the same storage", { timeout: 240_000 }, async (t) => {
  const { app, who } = await without(t, "waltraud");
  const relay = await startRelay();
  t.after(() => relay.close());
  const folder = await mkdtemp(join(tmpdir(), "imegha-moved-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const settings = ["--data", folder];
  const gateway = await startGateway(t, await owner(app), { relay, settings });
  const theirs = await owner(app);
  const empty = await startGateway(t, theirs);
  await connect(app, gateway.address);
  await app.at("connected").waitFor();
  await app.at("place-files").click();
  await makeFolder(app, "Bleibt");
  await app.at("who").click();
  await app.at("sign-out").click();

  relay.to(await freePort());
  await app.signIn(who);
  await app.at("place-away").waitFor({ timeout: 60_000 });
  assert.equal(await app.at("place-address").textContent(), gateway.address);
  assert.match(await app.at("place-id").textContent(), /^[0-9a-f]{32}$/);
  await connect(app, empty.address);
  await app.failure().filter({ hasText: /Nothing was made there/ }).waitFor({ timeout: 60_000 });
  await app.at("place-files").click();
  await app.failure().filter({ hasText: /Your cloud does not answer/ }).waitFor({ timeout: 60_000 });
  relay.to(gateway.port);
  await app.at("way-on").click();
  await app.entry("Bleibt").waitFor();
  await toCloud(app);

  // The same storage at another address: taken, and nothing is said of the old one that is not known.
  await gateway.stop();
  const again = await startGateway(t, theirs, { settings });
  await connect(app, again.address);
  await app.at("connected").waitFor({ timeout: 60_000 });
  await app.at("place-address").filter({ hasText: again.address }).waitFor();
  assert.equal(await app.at("before").textContent(), gateway.address);
  assert.equal(await app.at("before-says").getAttribute("data-left"), "false");
  assert.doesNotMatch(await app.at("before-says").textContent(), /takes no changes/);
  await app.at("place-files").click();
  await app.entry("Bleibt").waitFor();
  await makeFolder(app, "Auch hier");
});

/** From where the cloud has left its old place on, each request to the new one is given to `then`. */
async function afterLeaving(context, gateway, then) {
  let left = false;
  await context.route(new RegExp(`^${server.origin}/cloud/.*/records/transact$`), async (route) => {
    const response = await route.fetch();
    left = true;
    await route.fulfill({ response });
  });
  await context.route(new RegExp(`^${gateway.address}`), async (route) => {
    await (left ? then(route) : route.continue()).catch(() => {});
  });
}

test("a move that is stopped once the cloud has left comes to its end", async (t) => {
  const story = await begin(browser, server, "wendelin", { files: [file("Brief.txt", "kommt an")] });
  const { app, context } = story;
  await toCloud(app);
  const gateway = await startGateway(t, await owner(app));
  await connect(app, gateway.address);
  await app.at("moves-first").waitFor();
  let reached, stopped;
  const [leaving, stopping] = [new Promise((resolve) => (reached = resolve)), new Promise((resolve) => (stopped = resolve))];
  await afterLeaving(context, gateway, async (route) => {
    reached();
    await stopping;
    await route.continue();
  });
  await app.at("move-cloud").click();
  await leaving;
  await app.at("move-stop").click();
  stopped();
  await app.at("connected").waitFor({ timeout: 60_000 });
  await context.unrouteAll({ behavior: "wait" });
  await app.at("place-files").click();
  assert.equal(await readFile((await app.download("Brief.txt")).path, "utf8"), "kommt an");
  await done(story, [gateway.address]);
});

test("where the line breaks once the cloud has left, it is said that it is half moved, and going on finishes it", { timeout: 240_000 }, async (t) => {
  const story = await begin(browser, server, "wibke", { files: [file("Brief.txt", "kommt an")] });
  const { app, context } = story;
  await toCloud(app);
  const gateway = await startGateway(t, await owner(app));
  await connect(app, gateway.address);
  await app.at("moves-first").waitFor();
  await afterLeaving(context, gateway, (route) => route.abort());
  await app.at("move-cloud").click();
  await app.failure().filter({ hasText: /Half moved/ }).waitFor({ timeout: 120_000 });
  await app.at("place-left").waitFor();
  await context.unrouteAll({ behavior: "wait" });

  // Nothing is changed there meanwhile, and the words say where it is finished.
  await app.at("place-files").click();
  await app.at("new-folder").click();
  await app.at("folder-name").fill("Zu früh");
  await app.at("create-folder").click();
  await app.at("folder-name-problem").filter({ hasText: /moved to another place.*the page of your cloud/ }).waitFor();
  await app.page.keyboard.press("Escape");
  await toCloud(app);
  await app.at("place-left").waitFor();
  await connect(app, gateway.address);
  await app.at("connected").waitFor({ timeout: 60_000 });
  assert.equal(await app.at("before-says").getAttribute("data-left"), "true");
  await app.at("place-files").click();
  assert.equal(await readFile((await app.download("Brief.txt")).path, "utf8"), "kommt an");
  await done(story, [gateway.address], { lost: true });
});
