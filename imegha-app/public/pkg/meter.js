// Loads the password meter when it is first asked, and not before: it is larger than the whole page.
// The import map of the document names the hash of its script, and here of its WASM.
let loading;

const load = async () => {
  const { integrity } = JSON.parse(document.querySelector('script[type="importmap"]').textContent);
  const wasm = "/pkg/imegha_meter_bg.wasm";
  const [module, answer] = await Promise.all([
    import("/pkg/imegha_meter.js"),
    fetch(wasm, { integrity: integrity[wasm] }),
  ]);
  await module.default({ module_or_path: answer });
  return module;
};

/**
 * How hard a password is to guess: { score: 0 to 4, warning: string or undefined, suggestions: string[] }.
 * Rejects when the meter could not be loaded; the next call tries again.
 */
export const strength = async (password, email, tag) => {
  loading ??= load();
  try {
    const { score, warning, suggestions } = (await loading).strength(password, email, tag);
    return { score, warning, suggestions };
  } catch (error) {
    loading = undefined;
    throw error;
  }
};
