// What the page asks of this device that no binding of ours has: files that are chosen to be read or written, and the service worker.

/** Whether files that are chosen can be found again after a reload. */
export const remembersFiles = () => typeof showOpenFilePicker === "function";

/** Has the person choose files; none when the choice was given up. */
export const chooseFiles = () => unlessGivenUp(showOpenFilePicker({ multiple: true }), []);

/** Whether the person can choose where a file goes while it is still to come. */
export const choosesPlaces = () => typeof showSaveFilePicker === "function";

/** Has the person choose where a file goes; null when the choice was given up. Throws when the browser does not even ask. */
export const choosePlace = (suggestedName) => unlessGivenUp(showSaveFilePicker({ suggestedName }), null);

/** Whether the person can choose a folder to be written to. */
export const choosesFolders = () => typeof showDirectoryPicker === "function";

/** Has the person choose a folder that is written to; null when the choice was given up. */
export const chooseFolder = () => unlessGivenUp(showDirectoryPicker({ mode: "readwrite" }), null);

/** The file that was chosen, as it is now. Asks the person again when the browser wants it, which takes a press of theirs. */
export async function read(handle) {
  const mode = { mode: "read" };
  if ((await handle.queryPermission(mode)) !== "granted" && (await handle.requestPermission(mode)) !== "granted") return null;
  return handle.getFile();
}

/** What was dropped, as it can be found again; null where that cannot be. Has to be called before the event ends. */
export const dropped = (item) => Promise.resolve(item.getAsFileSystemHandle?.()).then((handle) => (handle?.kind === "file" ? handle : null), () => null);

/**
 * Has the service worker answer addresses of this page, and resolves once it does; to false where there is none to be had. `serve` is
 * called with what is asked for and the port that takes it.
 */
export function startStreams(serve) {
  const workers = navigator.serviceWorker;
  if (!workers) return false;
  started ??= start(workers, serve).catch((error) => {
    console.warn(error);
    started = undefined;
    return false;
  });
  return started;
}

/** Keeps the service worker from being ended while something is saved. */
export async function keepAwake() {
  (await navigator.serviceWorker.getRegistration())?.active?.postMessage("awake");
}

let started;

async function start(workers, serve) {
  // Once: what is asked for while another start goes on is served too.
  workers.onmessage = ({ data, ports: [port] }) => data?.stream && port && serve(data.stream, port);
  await workers.register("/pkg/streams.js", { scope: "/" });
  const { active } = await workers.ready;
  if (!workers.controller) {
    const taken = new Promise((resolve) => workers.addEventListener("controllerchange", resolve, { once: true }));
    active.postMessage("claim");
    await Promise.race([taken, new Promise((_, reject) => setTimeout(reject, 10_000, new Error("the service worker does not take this page")))]);
  }
  return true;
}

async function unlessGivenUp(choice, none) {
  try {
    return await choice;
  } catch (error) {
    if (error.name === "AbortError") return none;
    throw error;
  }
}
