// Files to upload: a photo, 50 MB of bytes and text, and nothing at all.

import { createHash } from "node:crypto";
import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A real JPEG, drawn and encoded by the browser. Its bytes differ from run to run. */
export async function writePhoto(page, path) {
  const base64 = await page.evaluate(async (seed) => {
    const canvas = new OffscreenCanvas(1600, 1200);
    const drawing = canvas.getContext("2d");
    let state = seed;
    const random = (limit) => (state = (state * 1103515245 + 12345) & 0x7fffffff) % limit;
    for (let shape = 0; shape < 4000; shape += 1) {
      drawing.fillStyle = `hsl(${random(360)} ${random(100)}% ${random(100)}%)`;
      drawing.fillRect(random(1600), random(1200), random(200), random(200));
    }
    const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.9 });
    const bytes = new Uint8Array(await blob.arrayBuffer());
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte);
    return btoa(text);
  }, Math.floor(Math.random() * 2 ** 31));
  const bytes = Buffer.from(base64, "base64");
  if (bytes.readUInt16BE(0) !== 0xffd8) throw new Error("Chromium made no JPEG");
  await writeFile(path, bytes);
}

/** 50 MB: blocks of pseudo-random bytes between blocks of numbered lines of text. */
export async function writeLarge(path, bytes = 50_000_000) {
  const file = await open(path, "w");
  const seed = Math.random().toString();
  let written = 0;
  for (let block = 0; written < bytes; block += 1) {
    let chunk;
    if (block % 4 === 3) {
      const line = (index) => `${seed} line ${block}.${index} of a ledger that repeats itself: amount ${index * 37} EUR\n`;
      chunk = Buffer.from(Array.from({ length: 2000 }, (_, index) => line(index)).join(""));
    } else {
      const noise = [];
      for (let index = 0; index < 8192; index += 1) noise.push(createHash("sha512").update(`${seed} ${block} ${index}`).digest());
      chunk = Buffer.concat(noise);
    }
    chunk = chunk.subarray(0, bytes - written);
    await file.write(chunk);
    written += chunk.length;
  }
  await file.close();
}

/** The photo, the large file and the empty one, in a folder; names that stand nowhere else. */
export async function writeAll(page, folder) {
  const unique = Math.random().toString(36).slice(2, 8);
  const files = {
    photo: join(folder, `Ostern am See ${unique}.jpg`),
    large: join(folder, `Kontobuch ${unique}.dat`),
    empty: join(folder, `Nichts darin ${unique}.txt`),
  };
  await writePhoto(page, files.photo);
  await writeLarge(files.large);
  await writeFile(files.empty, "");
  return files;
}

/** The same JPEG as a camera would have written it: with the way up and the time of its EXIF, and words of its own. */
export function camera(jpeg, { orientation = 1, time } = {}) {
  const text = Buffer.from(`${time ?? ""}\0`);
  // TIFF, little-endian: a directory with the orientation and the place of a second one, which has the time.
  const entry = (tag, kind, count, value) => {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt16LE(tag, 0);
    bytes.writeUInt16LE(kind, 2);
    bytes.writeUInt32LE(count, 4);
    bytes.writeUInt32LE(value, 8);
    return bytes;
  };
  const words = (count) => Buffer.from([count, 0]);
  const end = Buffer.alloc(4);
  const tiff = Buffer.concat([
    Buffer.from([0x49, 0x49, 42, 0, 8, 0, 0, 0]),
    words(2),
    entry(0x0112, 3, 1, orientation),
    entry(0x8769, 4, 1, 38),
    end,
    // At 38: the time stands behind it, at 56.
    words(time === undefined ? 0 : 1),
    ...(time === undefined ? [] : [entry(0x9003, 2, text.length, 56)]),
    end,
    text,
    Buffer.from("GPS 46.55 N 8.56 E, serial 4711"),
  ]);
  const exif = Buffer.concat([Buffer.from("Exif\0\0"), tiff]);
  const segment = Buffer.concat([Buffer.from([0xff, 0xe1, (exif.length + 2) >> 8, (exif.length + 2) & 255]), exif]);
  return Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2)]);
}
