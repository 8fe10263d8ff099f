// A gateway of somebody's own: the program `imegha-gateway`, on a free port.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startProgram } from "./program.mjs";
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
  const args = ["--owner", owner, "--listen", `127.0.0.1:${port}`, "--address", address, ...storage];
  const { signal, ended, hasEnded, output } = startProgram(setting("IMEGHA_TEST_GATEWAY"), args);
  const stop = async () => {
    signal("SIGKILL");
    await ended;
  };
  const remove = async () => {
    await stop();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  };
  t.after(remove);
  await answers(`${address}healthz`, hasEnded, output);
  return { address, port, stop, output };
}
