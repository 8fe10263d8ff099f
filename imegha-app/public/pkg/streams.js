// The service worker: has the browser save or play what does not fit into memory. It answers the addresses `/stream/<random>` of this
// origin, and leaves everything else to the network. It keeps nothing and holds no key: whoever asks for such an address, it asks the
// pages, and the one whose worker knows the address opens the bytes, as many as are taken. It may be ended and begun again at any time.
//
// Its own policy lets it load and connect to nothing (`default-src 'none'`). What it answers is never a page: it is saved, or bytes for a
// media element, and should a browser show it all the same, the answer's policy lets nothing of it run.
const ADDRESS = /^\/stream\/([0-9a-f-]{32,36})$/;
const MEDIA = /^(audio|video)\/[a-z0-9]+$/;

self.addEventListener("install", (event) => {
  self.skipWaiting();
  // Where the browser can be told, it does not even ask for anything else.
  try {
    const elsewhere = { not: { urlPattern: new URLPattern({ pathname: "/stream/*" }) } };
    event.waitUntil(event.addRoutes({ condition: elsewhere, source: "network" }).catch(() => undefined));
  } catch {
    // An older browser: it asks, and is told nothing.
  }
});

self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// Any word keeps it awake while something is saved. A page that was loaded past it is taken in by "claim".
self.addEventListener("message", (event) => {
  if (event.data === "claim") event.waitUntil(self.clients.claim());
});

self.addEventListener("fetch", (event) => {
  const { origin, pathname } = new URL(event.request.url);
  if (origin === self.location.origin && pathname.startsWith("/stream/")) event.respondWith(answer(event, pathname));
});

async function answer({ request, clientId }, pathname) {
  const [, address] = ADDRESS.exec(pathname) ?? [];
  if (address === undefined || request.method !== "GET") return nothing(404);
  // What is saved is gone to; what is played is asked for by a page.
  const playing = request.mode !== "navigate";
  const wanted = rangeOf(request.headers.get("range"));
  if (wanted === undefined) return nothing(416);
  const pages = playing ? [await self.clients.get(clientId)] : await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  try {
    const asked = pages.filter((page) => page !== undefined).map((page) => ask(page, { address, playing, ...wanted }));
    const { head, port } = await Promise.any(asked);
    return given(head, port, playing, wanted.ranged);
  } catch {
    return nothing(404);
  }
}

/** `bytes=a-` or `bytes=a-b`, of which the end is not among what is wanted; everything without. Others are not answered. */
function rangeOf(header) {
  if (header === null) return { start: 0, end: null, ranged: false };
  const [, from, to] = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(header) ?? [];
  if (from === undefined) return undefined;
  const [start, end] = [Number(from), to === "" ? null : Number(to) + 1];
  return end !== null && end <= start ? undefined : { start, end, ranged: true };
}

/** Asks a page for an address. One that does not know it says so, or nothing. */
function ask(page, stream) {
  return new Promise((resolve, reject) => {
    const { port1: port, port2 } = new MessageChannel();
    const timer = setTimeout(() => (port.close(), reject(new Error("no answer"))), 60_000);
    port.onmessage = ({ data }) => {
      clearTimeout(timer);
      if (data.head) resolve({ head: data.head, port });
      else reject(new Error("not known"));
    };
    page.postMessage({ stream }, [port2]);
  });
}

function given(head, port, playing, ranged) {
  const { start, len, size } = head;
  if (ranged && start >= size) {
    port.postMessage("stop");
    return nothing(416);
  }
  const headers = { ...QUIET };
  if (len !== null) headers["content-length"] = `${len}`;
  // Opened as a page all the same, it is saved.
  headers["content-disposition"] = "attachment";
  if (playing) {
    headers["accept-ranges"] = "bytes";
    headers["content-type"] = MEDIA.test(head.mime) ? head.mime : UNKNOWN;
    if (ranged) headers["content-range"] = `bytes ${start}-${start + len - 1}/${size}`;
  } else {
    headers["content-type"] = UNKNOWN;
    headers["content-disposition"] = `attachment; filename*=UTF-8''${encodeURIComponent(head.name).replace(/['()*!]/g, (c) => `%${c.charCodeAt(0).toString(16)}`)}`;
  }
  return new Response(body(port), { status: playing && ranged ? 206 : 200, headers });
}

/**
 * One piece for each time that the browser asks, so that nothing piles up. A failure breaks the answer: nothing short counts as whole.
 *
 * Who asks for the next piece has taken the last one; its memory goes back to be filled again. Left to be collected, the pieces of a
 * film would all be held to its end by a browser that has memory enough.
 */
function body(port) {
  let taken = new ArrayBuffer(0);
  return new ReadableStream(
    {
      pull: (controller) =>
        new Promise((resolve) => {
          port.onmessage = ({ data }) => {
            if (data.chunk) {
              taken = data.chunk.buffer;
              controller.enqueue(data.chunk);
            }
            else if (data.end) controller.close();
            else controller.error(new TypeError("the file could not be opened to its end"));
            resolve();
          };
          port.postMessage({ more: taken }, [taken]);
        }),
      cancel: () => port.postMessage("stop"),
    },
    { highWaterMark: 0 },
  );
}

const nothing = (status) => new Response(null, { status, headers: QUIET });

const UNKNOWN = "application/octet-stream";
const QUIET = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; sandbox; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};
