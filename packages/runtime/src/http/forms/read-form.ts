/** Reads a multipart form (RFC 7578): its fields, and files that can be read as often as candidates need them. */
import { once } from "node:events";
import type { IncomingHttpHeaders } from "node:http";
import type { Readable } from "node:stream";
import type { BusboyInstance } from "@fastify/busboy";
import type { Form } from "@headgate/adapter-kit";
import { badRequest, bodyTooLarge, ClientError } from "../client-error.ts";
import { type MemoryBudget, MemoryHold } from "../memory-budget.ts";
import { type KeptFile, keepFile, type UploadFolder } from "./form-files.ts";

const MAX_FIELDS = 64;
const MAX_FILES = 17;
const MAX_FIELD_BYTES = 1024 * 1024;
/** What a form takes beside its files: the parser's and the socket's buffers. */
const FORM_BYTES = 256 * 1024;

export interface ReadForm extends Form {
  /** Deletes the files. */
  discard(): Promise<void>;
}

export interface FormLimits {
  /** The largest whole form. */
  readonly maxBytes: number;
  readonly memory: MemoryBudget;
  readonly folder: UploadFolder;
}

/**
 * Reads the form to its end. Whatever goes wrong, nothing of it stays: no file, no memory, no descriptor.
 * @throws {ClientError} 400 for what is no form, 413 for one that is too large, 503 where the memory budget is used up
 */
export async function readForm(
  body: Readable,
  headers: IncomingHttpHeaders,
  limits: FormLimits,
): Promise<ReadForm> {
  const contentType = headers["content-type"] ?? "";
  if (!/^multipart\/form-data\s*;.*boundary=/i.test(contentType)) {
    throw badRequest("The body must be multipart/form-data with a boundary.");
  }
  if (Number(headers["content-length"] ?? 0) > limits.maxBytes) throw bodyTooLarge();
  const hold = new MemoryHold(limits.memory);
  // Loaded with the first form: most gateways never get one.
  const { Busboy: Parser } = await import("@fastify/busboy");
  const files: Promise<KeptFile>[] = [];
  const discard = async (): Promise<void> => {
    hold.release();
    const kept = await Promise.allSettled(files);
    await Promise.all(kept.map(async (one) => one.status === "fulfilled" && (await one.value.discard())));
  };
  try {
    await hold.wait(FORM_BYTES);
    const parser = new Parser({
      headers: { "content-type": contentType },
      limits: { fields: MAX_FIELDS, files: MAX_FILES, fieldSize: MAX_FIELD_BYTES, headerPairs: 32 },
    });
    const fields = await feed(body, parser, limits, (about, stream) => {
      const file = keepFile(about, stream, hold, limits.folder);
      files.push(file);
      return file;
    });
    return { fields, files: await Promise.all(files), discard };
  } catch (error) {
    await discard();
    if (error instanceof ClientError) throw error;
    throw badRequest(`The form cannot be read: ${error instanceof Error ? error.message : "it is broken"}.`);
  }
}

type TakeFile = (about: Parameters<typeof keepFile>[0], stream: Readable) => Promise<KeptFile>;

/** Feeds the body to the parser, no faster than files are kept. Resolves to the fields. */
async function feed(
  body: Readable,
  parser: BusboyInstance,
  { maxBytes }: FormLimits,
  takeFile: TakeFile,
): Promise<readonly (readonly [string, string])[]> {
  const fields: [string, string][] = [];
  const streams: Readable[] = [];
  const broken = new AbortController();
  const fail = (error: Error): void => broken.abort(error);
  parser.on("field", (name, value, _nameTruncated, valueTruncated) => {
    if (valueTruncated) fail(badRequest(`The form field is longer than ${MAX_FIELD_BYTES} bytes.`, name));
    fields.push([name, value]);
  });
  parser.on("file", (name, stream, filename, _encoding, contentType) => {
    // An error of the form is emitted on the file that is open, too.
    stream.on("error", fail);
    streams.push(stream);
    takeFile({ name, filename: filename ?? "file", contentType }, stream).catch(fail);
  });
  parser.on("fieldsLimit", () => fail(badRequest(`The form has more than ${MAX_FIELDS} fields.`)));
  parser.on("filesLimit", () => fail(badRequest(`The form has more than ${MAX_FILES} files.`)));
  parser.on("error", fail);
  const finished = once(parser, "finish", { signal: broken.signal });
  finished.catch(() => {});
  try {
    let bytes = 0;
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw bodyTooLarge();
      if (!parser.write(chunk)) await once(parser, "drain", { signal: broken.signal });
      if (broken.signal.aborted) break;
    }
    broken.signal.throwIfAborted();
    parser.end();
    await finished;
    return fields;
  } catch (error) {
    const why = broken.signal.aborted ? (broken.signal.reason as Error) : (error as Error);
    fail(why);
    for (const stream of streams) stream.destroy(why);
    parser.destroy();
    throw why;
  }
}
