/** Decompresses answers: some upstreams compress without an accept-encoding header. */
import type { Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from "node:zlib";

export interface Decompressor {
  write(chunk: Buffer): void;
  end(): void;
  destroy(): void;
}

export interface DecompressorEvents {
  data(chunk: Buffer): void;
  end(): void;
  error(error: Error): void;
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
  return {
    write: (chunk) => void stream.write(chunk),
    end: () => void stream.end(),
    destroy: () => void stream.destroy(),
  };
}
