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
