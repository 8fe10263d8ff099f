// How much memory the browser takes.

import { readFile } from "node:fs/promises";
import assert from "node:assert/strict";

/** The most memory that the browser's processes have ever held, summed, in KiB. */
export async function peaks(browser) {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
  let sum = 0;
  for (const { id } of processInfo) {
    const status = await readFile(`/proc/${id}/status`, "utf8").catch(() => "");
    sum += Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0);
  }
  assert.ok(sum > 50_000, "the processes are there");
  return sum;
}
