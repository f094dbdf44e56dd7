/** Images of the fakes: real PNG files whose pattern follows from the prompt. */
import { crc32, deflateSync } from "node:zlib";
import { asText, type JsonObject } from "../json.ts";

const MAX_SIDE = 2048;

/** The answer to OpenAI's images route: `n` images of `size`, as base64. */
export function imagesDocument(body: JsonObject): JsonObject {
  const [, width = "64", height = "64"] = /^(\d{1,4})x(\d{1,4})$/.exec(asText(body.size)) ?? [];
  const count = typeof body.n === "number" ? Math.min(10, Math.max(1, Math.floor(body.n))) : 1;
  const data = Array.from({ length: count }, (_, index) => ({
    b64_json: png(asText(body.prompt), index, Number(width), Number(height)).toString("base64"),
  }));
  return { created: 1_700_000_000, data };
}

/** Black and white, one bit per pixel. */
function png(prompt: string, index: number, width: number, height: number): Buffer {
  const [w, h] = [Math.min(width, MAX_SIDE), Math.min(height, MAX_SIDE)];
  const head = Buffer.alloc(13);
  head.writeUInt32BE(w, 0);
  head.writeUInt32BE(h, 4);
  head[8] = 1;
  const seed = crc32(`${prompt}#${index}`);
  const row = Buffer.alloc(1 + Math.ceil(w / 8), seed & 0xff);
  row[0] = 0;
  const dots = deflateSync(Buffer.concat(Array.from({ length: h }, () => row)));
  const magic = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([magic, chunk("IHDR", head), chunk("IDAT", dots), chunk("IEND", Buffer.alloc(0))]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}
