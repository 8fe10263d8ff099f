// A relay before a server, which counts every byte that passes: what a browser says of a worker's requests has no lengths.

import { connect, createServer } from "node:net";

/** Listens on a free port. `to(port)` says where it leads, and ends what is open to elsewhere. */
export async function startRelay() {
  const counted = { sent: 0, received: 0 };
  const open = new Set();
  let target;
  const server = createServer((client) => {
    const upstream = connect(target, "127.0.0.1");
    client.on("data", (chunk) => (counted.sent += chunk.length));
    upstream.on("data", (chunk) => (counted.received += chunk.length));
    for (const [from, into] of [[client, upstream], [upstream, client]]) {
      open.add(from);
      from.pipe(into);
      from.on("error", () => into.destroy());
      from.on("close", () => open.delete(from));
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = () => open.forEach((socket) => socket.destroy());
  return {
    port: server.address().port,
    to: (port) => {
      target = port;
      cut();
    },
    counted,
    close: () => {
      cut();
      server.close();
    },
  };
}
