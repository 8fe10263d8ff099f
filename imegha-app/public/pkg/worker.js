// The Web Worker that holds the keys. The page starts it from the address that the document names in
// <meta name="imegha-worker">, which carries the hash of the WASM that must be loaded.
//
// Messages are objects { id, json, blob? }; see worker/src/protocol.rs. What arrives before the WASM runs waits for it, and
// a worker that cannot start, or that stops, answers what was asked in words that the page knows.
const open = new Set();
const waiting = [];
let receive = (message) => waiting.push(message);

const send = (message, transfer = []) => {
  open.delete(message.id);
  self.postMessage(message, transfer);
};

const refuseAll = (code) => {
  const json = JSON.stringify({ reply: "failed", code, ms: null });
  receive = ({ id }) => send({ id, json });
  waiting.length = 0;
  [...open].forEach((id) => send({ id, json }));
};

self.onmessage = ({ data }) => {
  open.add(data.id);
  receive(data);
};

// A panic ends in a RuntimeError, and nothing works after it.
const panicked = (error) => error instanceof WebAssembly.RuntimeError && refuseAll("stopped");
self.addEventListener("error", (event) => panicked(event.error));
self.addEventListener("unhandledrejection", (event) => panicked(event.reason));

try {
  const { default: init, start } = await import("/pkg/imegha_worker.js");
  const integrity = new URL(self.location.href).searchParams.get("wasm");
  if (!integrity) throw new Error("the page named no hash for the worker's WASM");
  await init({ module_or_path: fetch("/pkg/imegha_worker_bg.wasm", { integrity }) });
  receive = start(send);
  waiting.splice(0).forEach(receive);
} catch (error) {
  console.error(error);
  refuseAll("not_started");
}
