/** A form as the body of an upstream request: RFC 7578. */
import { randomBytes } from "node:crypto";
import type { Form, FormFile } from "@headgate/adapter-kit";

export interface MultipartBody {
  readonly contentType: string;
  readonly bytes: number;
  /** The body from its beginning. */
  open(): AsyncIterable<Buffer>;
}

export function multipart(form: Form): MultipartBody {
  const boundary = `headgate-${randomBytes(18).toString("hex")}`;
  const fields = Buffer.from(
    form.fields
      .map(
        ([name, value]) =>
          `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"\r\n\r\n${value}\r\n`,
      )
      .join(""),
  );
  const heads = form.files.map((file) => Buffer.from(headOf(file, boundary)));
  const gap = Buffer.from("\r\n");
  const tail = Buffer.from(`--${boundary}--\r\n`);
  const fileBytes = form.files.reduce(
    (sum, file, at) => sum + (heads[at]?.length ?? 0) + file.bytes + gap.length,
    0,
  );
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    bytes: fields.length + fileBytes + tail.length,
    async *open() {
      if (fields.length > 0) yield fields;
      for (const [at, file] of form.files.entries()) {
        const head = heads[at];
        if (head !== undefined) yield head;
        yield* file.open();
        yield gap;
      }
      yield tail;
    },
  };
}

const headOf = ({ name, filename, contentType }: FormFile, boundary: string): string =>
  `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"; filename="${quoted(filename)}"\r\n` +
  `Content-Type: ${/^[\w.+-]+\/[\w.+-]+$/.test(contentType) ? contentType : "application/octet-stream"}\r\n\r\n`;

/** As browsers escape them: WHATWG HTML, multipart/form-data. */
const quoted = (text: string): string =>
  text.replaceAll("\r", "%0D").replaceAll("\n", "%0A").replaceAll('"', "%22");
