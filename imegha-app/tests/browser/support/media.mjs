// Sounds and films, made here.

import { open } from "node:fs/promises";

/** A sound of so many seconds: 48,000 samples a second of two bytes, each second at another pitch. */
export async function writeSound(path, seconds) {
  const rate = 48_000;
  const head = Buffer.alloc(44);
  const bytes = seconds * rate * 2;
  head.write("RIFF", 0);
  head.writeUInt32LE(36 + bytes, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  head.write("data", 36);
  head.writeUInt32LE(bytes, 40);
  const file = await open(path, "w");
  await file.write(head);
  const pitches = Array.from({ length: 20 }, (_, step) => {
    const samples = Buffer.alloc(rate * 2);
    for (let index = 0; index < rate; index += 1) samples.writeInt16LE(Math.round(8_000 * Math.sin((2 * Math.PI * (200 + step * 25) * index) / rate)), index * 2);
    return samples;
  });
  for (let second = 0; second < seconds; second += 1) await file.write(pitches[second % pitches.length]);
  await file.close();
}

/** A film of a square that moves, recorded by the browser: WebM, a second and a half of it. */
export async function film(page) {
  const base64 = await page.evaluate(async () => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [320, 240];
    const drawing = canvas.getContext("2d");
    const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: "video/webm;codecs=vp8" });
    const pieces = [];
    recorder.ondataavailable = ({ data }) => pieces.push(data);
    const ended = new Promise((resolve) => (recorder.onstop = resolve));
    recorder.start(100);
    for (let frame = 0; frame < 40; frame += 1) {
      drawing.fillStyle = "#246";
      drawing.fillRect(0, 0, 320, 240);
      drawing.fillStyle = "#fc4";
      drawing.fillRect(frame * 7, 80, 60, 60);
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    recorder.stop();
    await ended;
    const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer());
    let text = "";
    for (const byte of bytes) text += String.fromCharCode(byte);
    return btoa(text);
  });
  return Buffer.from(base64, "base64");
}
