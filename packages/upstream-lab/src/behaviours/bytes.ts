/** The right answer in unusual bytes. Each wraps any behaviour; a gateway's output must be the same. */
import { once } from "node:events";
import { constants, createBrotliCompress, createDeflate, createGzip } from "node:zlib";
import { type Behaviour, behaviour } from "../step.ts";
import { healthy } from "./healthy.ts";
import { mapBytes, mapSteps, unsized } from "./map-steps.ts";

const replaced = (bytes: Buffer, pattern: RegExp, by: string): Buffer =>
  Buffer.from(bytes.toString("utf8").replace(pattern, by));

/** `data:{…}`: no space after the colon, as the SSE grammar allows and several servers send. */
export function noSpaceAfterData(inner: Behaviour = healthy()): Behaviour {
  return mapBytes("noSpaceAfterData", inner, (bytes) => [replaced(bytes, /^data: /gm, "data:")]);
}

/** Lines that end in CRLF (any .NET or Java server). `split`: each CR and its LF in different chunks. */
export function crlf(
  options: { readonly split?: boolean | undefined } = {},
  inner: Behaviour = healthy(),
): Behaviour {
  return mapBytes("crlf", inner, (bytes) => {
    const lines = replaced(bytes, /\r?\n/g, "\r\n");
    return options.split === true ? splitWhere(lines, (byte, next) => byte === 13 && next === 10) : [lines];
  });
}

/** A byte order mark before the first byte: some Windows servers. */
export function byteOrderMark(inner: Behaviour = healthy()): Behaviour {
  return behaviour("byteOrderMark", async function* (request) {
    let first = true;
    for await (const step of inner.plan(request)) {
      if (step.kind === "bytes" && first) {
        first = false;
        yield { kind: "bytes", bytes: Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), step.bytes]) };
      } else yield unsized(step);
    }
  });
}

const MULTIBYTE = healthy({ text: ["Grüße ", "aus ", "東京 ", "🌍🚀"] });

/** Every multi-byte UTF-8 character is split over two chunks. */
export function splitUtf8(inner: Behaviour = MULTIBYTE): Behaviour {
  return mapBytes("splitUtf8", inner, (bytes) => splitWhere(bytes, (byte) => byte >= 0xc0));
}

/** Cuts after each byte for which `here` holds. */
function* splitWhere(
  bytes: Buffer,
  here: (byte: number, next: number | undefined) => boolean,
): Generator<Buffer> {
  let start = 0;
  for (let i = 0; i < bytes.length; i += 1) {
    if (!here(bytes[i] ?? 0, bytes[i + 1])) continue;
    yield bytes.subarray(start, i + 1);
    start = i + 1;
  }
  if (start < bytes.length) yield bytes.subarray(start);
}

/** Every byte is its own chunk. */
export function oneByteAtATime(inner: Behaviour = healthy()): Behaviour {
  return mapBytes("oneByteAtATime", inner, (bytes) => splitWhere(bytes, () => true));
}

/** Several events in one chunk: all of them, in one write. */
export function oneChunk(inner: Behaviour = healthy()): Behaviour {
  return behaviour("oneChunk", async function* (request) {
    let held: Buffer[] = [];
    for await (const step of inner.plan(request)) {
      if (step.kind === "bytes") {
        held.push(step.bytes);
        continue;
      }
      if (held.length > 0) yield { kind: "bytes", bytes: Buffer.concat(held) };
      held = [];
      yield step;
    }
    if (held.length > 0) yield { kind: "bytes", bytes: Buffer.concat(held) };
  });
}

export type Encoding = "gzip" | "br" | "deflate";

const COMPRESSORS = { gzip: createGzip, br: createBrotliCompress, deflate: createDeflate } as const;
const FLUSH = {
  gzip: constants.Z_SYNC_FLUSH,
  deflate: constants.Z_SYNC_FLUSH,
  br: constants.BROTLI_OPERATION_FLUSH,
} as const;

/** Compressed without a request for it, flushed after every frame of a stream, as by some proxies. */
export function compressed(
  options: { readonly encoding?: Encoding | undefined } = {},
  inner: Behaviour = healthy(),
): Behaviour {
  const { encoding = "gzip" } = options;
  return behaviour("compressed", async function* (request) {
    const compressor = COMPRESSORS[encoding]();
    let out: Buffer[] = [];
    compressor.on("data", (piece: Buffer) => out.push(piece));
    const taken = (): Buffer => {
      const bytes = Buffer.concat(out);
      out = [];
      return bytes;
    };
    const flushed = (): Promise<Buffer> =>
      new Promise((resolve) => {
        compressor.flush(FLUSH[encoding], () => resolve(taken()));
      });
    try {
      for await (const step of inner.plan(request)) {
        if (step.kind === "head") {
          const head = unsized(step);
          yield head.kind === "head"
            ? { ...head, headers: { ...head.headers, "content-encoding": encoding } }
            : head;
        } else if (step.kind === "bytes") {
          compressor.write(step.bytes);
          yield { kind: "bytes", bytes: await flushed() };
        } else yield step;
      }
      compressor.end();
      await once(compressor, "end");
      yield { kind: "bytes", bytes: taken() };
    } finally {
      compressor.destroy();
    }
  });
}

/** Neither Content-Length nor chunks: the body lasts until the connection closes, so a cut looks like an end. */
export function closeDelimited(inner: Behaviour = healthy()): Behaviour {
  return mapSteps("closeDelimited", inner, (step) => {
    const head = unsized(step);
    return [head.kind === "head" ? { ...head, framing: "close" } : head];
  });
}

/** Extra bytes: `body`, after the answer and inside the body; `connection`, after the end of HTTP's message. */
export function trailingGarbage(
  options: { readonly where?: "body" | "connection" | undefined } = {},
  inner: Behaviour = healthy(),
): Behaviour {
  const garbage = Buffer.from("\0\0garbage after the end\n");
  return behaviour("trailingGarbage", async function* (request) {
    if (options.where !== "connection") {
      for await (const step of inner.plan(request)) yield unsized(step);
      yield { kind: "bytes", bytes: garbage };
      return;
    }
    const parts: Buffer[] = [];
    for await (const step of inner.plan(request)) {
      if (step.kind === "bytes") parts.push(step.bytes);
      else if (step.kind === "head") {
        // The length must be known, so that the extra bytes are outside the message.
        const body: Buffer[] = [];
        for await (const other of inner.plan(request)) if (other.kind === "bytes") body.push(other.bytes);
        const length = String(Buffer.concat(body).length);
        yield { ...step, headers: { ...step.headers, "content-length": length } };
      } else yield step;
    }
    yield { kind: "bytes", bytes: Buffer.concat(parts) };
    yield { kind: "raw", bytes: garbage };
  });
}
