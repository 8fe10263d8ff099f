// Starts the page. What is loaded must have the hash that stands in the import map of this very answer,
// and what fails is said in words: a page that only looks alive is worse than none.
const fail = (error) => {
  console.error(error);
  document.getElementById("boot-failed")?.removeAttribute("hidden");
};
// A panic of the page's WASM ends in a RuntimeError, and nothing works after it.
const panicked = (error) => error instanceof WebAssembly.RuntimeError && fail(error);
addEventListener("error", (event) => panicked(event.error));
addEventListener("unhandledrejection", (event) => panicked(event.reason));
try {
  const { integrity } = JSON.parse(document.querySelector('script[type="importmap"]').textContent);
  const wasm = "/pkg/imegha_app_bg.wasm";
  const [module, answer] = await Promise.all([
    import("/pkg/imegha_app.js"),
    fetch(wasm, { integrity: integrity[wasm] }),
  ]);
  await module.default({ module_or_path: answer });
  module.hydrate();
  // Before this a click is lost; what drives the page from outside waits for it.
  document.documentElement.dataset.hydrated = "";
} catch (error) {
  fail(error);
}
