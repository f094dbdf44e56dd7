/** Decompresses answers: some upstreams compress without an accept-encoding header. */
import type { Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from "node:zlib";

export interface Decompressor {
  /** False: wait for `drain`. */
  write(chunk: Buffer): boolean;
  end(): void;
  pause(): void;
  resume(): void;
  destroy(): void;
}

export interface DecompressorEvents {
  data(chunk: Buffer): void;
  end(): void;
  error(error: Error): void;
  drain?(): void;
}

const MAKERS = new Map<string, () => Transform>([
  ["gzip", createGunzip],
  ["x-gzip", createGunzip],
  ["deflate", createInflate],
  ["br", createBrotliDecompress],
  ["zstd", createZstdDecompress],
]);

/** `undefined` when the bytes need no decoding; `"unknown"` for an encoding that cannot be read here. */
export function decompressor(
  encoding: string | undefined,
  events: DecompressorEvents,
): Decompressor | undefined | "unknown" {
  const name = encoding?.trim().toLowerCase() ?? "";
  if (name === "" || name === "identity") return undefined;
  const make = MAKERS.get(name);
  if (make === undefined) return "unknown";
  const stream = make();
  stream.on("data", events.data);
  stream.on("end", events.end);
  stream.on("error", events.error);
  if (events.drain !== undefined) stream.on("drain", events.drain);
  return {
    write: (chunk) => stream.write(chunk),
    end: () => void stream.end(),
    pause: () => void stream.pause(),
    resume: () => void stream.resume(),
    destroy: () => void stream.destroy(),
  };
}
