// A program under test: what it prints is kept, and nothing of it is left over.

import { spawn } from "node:child_process";

const running = new Set();
process.once("exit", () => running.forEach((signal) => signal("SIGKILL")));

/** Starts a program in a group of its own. `signal(name)` goes to all of the group; `ended` is kept once the program itself has. */
export function startProgram(path, args = [], env = process.env) {
  const child = spawn(path, args, { detached: true, stdio: ["ignore", "pipe", "pipe"], env });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  const signal = (name) => {
    try {
      process.kill(-child.pid, name);
    } catch {
      // It has ended by itself.
    }
  };
  running.add(signal);
  const ended = new Promise((resolve) => child.once("exit", resolve)).then(() => running.delete(signal));
  return { signal, ended, hasEnded: () => child.exitCode !== null, output: () => output };
}
