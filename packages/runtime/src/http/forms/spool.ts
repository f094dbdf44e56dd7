/**
 * Reads a multipart form without holding its files in memory: fields are kept, files go to a private temporary folder
 * and can be read as often as candidates need them.
 */
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import type { IncomingHttpHeaders } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Form, FormFile } from "@headgate/adapter-kit";
import { badRequest, bodyTooLarge, ClientError } from "../client-error.ts";

const MAX_FIELDS = 64;
const MAX_FILES = 17;
const MAX_FIELD_BYTES = 1024 * 1024;

export interface SpooledForm extends Form {
  /** Deletes the files. */
  discard(): Promise<void>;
}

/**
 * @param maxBytes the largest whole form
 * @throws {ClientError} 400 for what is no form, 413 for one that is too large; its files are deleted then
 */
export async function spoolForm(
  body: Readable,
  headers: IncomingHttpHeaders,
  maxBytes: number,
): Promise<SpooledForm> {
  const contentType = headers["content-type"] ?? "";
  if (!/^multipart\/form-data\s*;.*boundary=/i.test(contentType)) {
    throw badRequest("The body must be multipart/form-data with a boundary.");
  }
  const folder = await mkdtemp(join(tmpdir(), "headgate-form-"));
  const discard = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    return { ...(await read(body, contentType, folder, maxBytes)), discard };
  } catch (error) {
    await discard();
    if (error instanceof ClientError) throw error;
    throw badRequest(`The form cannot be read: ${error instanceof Error ? error.message : "it is broken"}.`);
  }
}

async function read(body: Readable, contentType: string, folder: string, maxBytes: number): Promise<Form> {
  const fields: [string, string][] = [];
  const files: Promise<FormFile>[] = [];
  let total = 0;
  let refused: ClientError | undefined;
  const refuse = (error: ClientError): void => {
    refused ??= error;
    parser.destroy(error);
  };
  // Loaded with the first form: most gateways never get one.
  const { Busboy } = await import("@fastify/busboy");
  const parser = new Busboy({
    headers: { "content-type": contentType },
    limits: { fields: MAX_FIELDS, files: MAX_FILES, fieldSize: MAX_FIELD_BYTES, headerPairs: 32 },
  });
  parser.on("field", (name, value, _nameTruncated, valueTruncated) => {
    if (valueTruncated) refuse(badRequest(`The form field is longer than ${MAX_FIELD_BYTES} bytes.`, name));
    fields.push([name, value]);
  });
  parser.on("file", (name, stream, filename, _encoding, mimeType) => {
    files.push(
      spoolFile(
        join(folder, String(files.length)),
        { name, filename: filename ?? "file", contentType: mimeType },
        stream,
      ),
    );
  });
  parser.on("fieldsLimit", () => refuse(badRequest(`The form has more than ${MAX_FIELDS} fields.`)));
  parser.on("filesLimit", () => refuse(badRequest(`The form has more than ${MAX_FILES} files.`)));
  body.on("data", (chunk: Buffer) => {
    total += chunk.length;
    if (total > maxBytes) refuse(bodyTooLarge());
  });
  // Settled together: a form that breaks off rejects its files' promises too.
  const [parsed] = await Promise.allSettled([pipeline(body, parser)]);
  const spooled = await Promise.allSettled(files);
  if (refused !== undefined) throw refused;
  if (parsed.status === "rejected") throw parsed.reason;
  return {
    fields,
    files: spooled.map((file) => {
      if (file.status === "rejected") throw file.reason;
      return file.value;
    }),
  };
}

async function spoolFile(
  path: string,
  about: Pick<FormFile, "name" | "filename" | "contentType">,
  stream: Readable,
): Promise<FormFile> {
  const target = createWriteStream(path, { mode: 0o600 });
  await pipeline(stream, target);
  return { ...about, bytes: target.bytesWritten, open: () => createReadStream(path) };
}
