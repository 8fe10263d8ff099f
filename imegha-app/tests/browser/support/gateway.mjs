// A gateway of somebody's own: the program `imegha-gateway`, on a free port.

import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { answers, freePort } from "./server.mjs";
import { setting } from "./setting.mjs";

/** Starts a gateway for an owner, before a folder of its own where `settings` name no other storage, and behind `relay` if there is one. It ends with
    the test `t`, however that ends. */
export async function startGateway(t, owner, { settings = [], relay } = {}) {
  const port = await freePort();
  relay?.to(port);
  const folder = settings.length === 0 ? await mkdtemp(join(tmpdir(), "imegha-gateway-")) : undefined;
  const address = `http://127.0.0.1:${relay?.port ?? port}/`;
  const storage = folder === undefined ? settings : ["--data", folder];
  const child = spawn(setting("IMEGHA_TEST_GATEWAY"), ["--owner", owner, "--listen", `127.0.0.1:${port}`, "--address", address, ...storage], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  const ended = new Promise((resolve) => child.once("exit", resolve));
  process.once("exit", () => child.kill("SIGKILL"));
  const stop = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  const remove = async () => {
    await stop();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  };
  t.after(remove);
  await answers(`${address}healthz`, () => child.exitCode !== null, () => output);
  return { address, port, stop, output: () => output };
}
