/** Request bodies that a client compressed (`content-encoding`), decoded within the bound of a body. */
import {
  brotliDecompress,
  gunzip,
  type InputType,
  inflate,
  inflateRaw,
  type ZlibOptions,
  zstdDecompress,
} from "node:zlib";
import { badRequest, bodyTooLarge, ClientError } from "./client-error.ts";

type Decode = (
  bytes: InputType,
  options: Pick<ZlibOptions, "maxOutputLength">,
  done: (error: (Error & { readonly code?: string }) | null, decoded: Buffer) => void,
) => void;

/** Some clients send deflate without zlib's header, whose first byte names method 8 (RFC 1950, section 2.2). */
const anyInflate: Decode = (bytes, options, done) => {
  const first = Buffer.isBuffer(bytes) ? (bytes[0] ?? 0) : 0;
  if ((first & 0x0f) === 8) inflate(bytes, options, done);
  else inflateRaw(bytes, options, done);
};

const DECODERS: ReadonlyMap<string, Decode> = new Map<string, Decode>([
  ["gzip", gunzip],
  ["x-gzip", gunzip],
  ["deflate", anyInflate],
  ["br", brotliDecompress],
  ["zstd", zstdDecompress],
]);

/**
 * The body itself where it is not compressed.
 * @param maxBytes the largest decoded body
 * @throws {ClientError} 400, 413 or 415; a promise rejects with the same
 */
export function plainBody(
  bytes: Buffer,
  encoding: string | undefined,
  maxBytes: number,
): Buffer | Promise<Buffer> {
  const name = encoding?.trim().toLowerCase() ?? "";
  if (name === "" || name === "identity") return bytes;
  const decode = DECODERS.get(name);
  if (decode === undefined) throw unknownEncoding(name);
  return new Promise((resolve, reject) => {
    decode(bytes, { maxOutputLength: maxBytes }, (error, decoded) => {
      if (error === null) resolve(decoded);
      else if (error.code === "ERR_BUFFER_TOO_LARGE") reject(bodyTooLarge());
      else reject(badRequest(`The body is not valid ${name} data, as its content-encoding states.`));
    });
  });
}

const unknownEncoding = (name: string): ClientError =>
  new ClientError({
    status: 415,
    type: "invalid_request_error",
    code: "unsupported_content_encoding",
    message: `The content-encoding ${JSON.stringify(name.slice(0, 60))} is not supported; send the body plain, or as gzip, deflate, br or zstd.`,
  });
