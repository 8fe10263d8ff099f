// The server under test: built by xtask, on a free port, with a data folder of its own.

import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startProgram } from "./program.mjs";
import { setting } from "./setting.mjs";

/** Starts a server, with a certificate of its own where that is wanted; `stop()` ends it and everything that it started, `kill()` without a word, and `remove()` takes its data too. */
export async function startServer({ program: path = setting("IMEGHA_TEST_SERVER"), env = {}, data, port, tls = false } = {}) {
  port ??= await freePort();
  const origin = `${tls ? "https" : "http"}://127.0.0.1:${port}`;
  data ??= await mkdtemp(join(tmpdir(), "imegha-data-"));
  const program = startProgram(path, [], {
    ...process.env,
    IMEGHA_ADDR: `127.0.0.1:${port}`,
    IMEGHA_ORIGIN: origin,
    IMEGHA_DATA: data,
    IMEGHA_SITE: setting("IMEGHA_SITE"),
    ...(tls ? { IMEGHA_TLS: "self-signed" } : {}),
    ...env,
  });
  const { signal, ended, output } = program;

  const stop = async () => {
    signal("SIGTERM");
    const timer = setTimeout(() => signal("SIGKILL"), 15_000);
    await ended;
    clearTimeout(timer);
  };
  // One that speaks TLS answers plain http by a redirect.
  await answers(`http://127.0.0.1:${port}/healthz`, program.hasEnded, output);
  return {
    origin,
    port,
    data,
    stop,
    kill: async () => {
      signal("SIGKILL");
      await ended;
    },
    output,
    remove: async () => {
      await stop();
      await rm(data, { recursive: true, force: true });
    },
    /** The newest code that was printed for an address; of those that were for that only, if it is said. */
    code: async (email, what = "") => {
      const mail = new RegExp(`mail to ${email.replace(/[.+]/g, "\\$&")} ──\n[^─]*?${what}[^─]*?iMegha code: (\\d{6})`, "g");
      for (let tries = 0; tries < 100; tries += 1) {
        const codes = [...output().matchAll(mail)];
        if (codes.length > 0) return codes.at(-1)[1];
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      throw new Error(`no code for ${email} was printed:\n${output()}`);
    },
  };
}

export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

export async function answers(address, hasEnded, output) {
  for (let tries = 0; tries < 300; tries += 1) {
    if (hasEnded()) throw new Error(`the server ended at once:\n${output()}`);
    try {
      await fetch(address, { redirect: "manual" });
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  throw new Error(`the server did not answer:\n${output()}`);
}
