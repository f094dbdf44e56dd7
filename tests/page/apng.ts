/** Frames of one size as an animated PNG. https://www.w3.org/TR/png-3/#apng-frame-based-animation */
import { crc32 } from "node:zlib";

export interface Frame {
  /** A PNG file. */
  readonly png: Buffer;
  readonly ms: number;
}

const SIGNATURE_BYTES = 8;

interface Chunk {
  readonly type: string;
  readonly data: Buffer;
}

function chunksOf(png: Buffer): Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = SIGNATURE_BYTES; at < png.length; ) {
    const length = png.readUInt32BE(at);
    chunks.push({
      type: png.toString("latin1", at + 4, at + 8),
      data: png.subarray(at + 8, at + 8 + length),
    });
    at += 12 + length;
  }
  return chunks;
}

function written({ type, data }: Chunk): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

/** @throws {Error} without frames, or where their sizes differ */
export function animatedPng(frames: readonly Frame[]): Buffer {
  const parsed = frames.map(({ png, ms }) => ({ chunks: chunksOf(png), ms }));
  const header = parsed[0]?.chunks.find(({ type }) => type === "IHDR");
  if (header === undefined) throw new Error("an animation needs a frame");
  const size = header.data.subarray(0, 8);
  const out: Chunk[] = [header, { type: "acTL", data: Buffer.concat([number(frames.length), number(0)]) }];
  let sequence = 0;
  for (const [at, { chunks, ms }] of parsed.entries()) {
    const own = chunks.find(({ type }) => type === "IHDR");
    if (own === undefined || !own.data.equals(header.data))
      throw new Error("the frames are of different kinds");
    const delay = Buffer.alloc(6);
    delay.writeUInt16BE(ms, 0);
    delay.writeUInt16BE(1_000, 2);
    out.push({ type: "fcTL", data: Buffer.concat([number(sequence), size, number(0), number(0), delay]) });
    sequence += 1;
    const data = Buffer.concat(chunks.filter(({ type }) => type === "IDAT").map((chunk) => chunk.data));
    if (at === 0) out.push({ type: "IDAT", data });
    else {
      out.push({ type: "fdAT", data: Buffer.concat([number(sequence), data]) });
      sequence += 1;
    }
  }
  out.push({ type: "IEND", data: Buffer.alloc(0) });
  const signature = frames[0]?.png.subarray(0, SIGNATURE_BYTES) ?? Buffer.alloc(0);
  return Buffer.concat([signature, ...out.map(written)]);
}
