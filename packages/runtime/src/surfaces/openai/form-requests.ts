/** Requests with files: transcriptions, translations, image edits and variations. */
import { type Adapter, type FormCodec, GATEWAY_FIELDS, type Target } from "@headgate/adapter-kit";
import type { Operation } from "@headgate/contract";
import type { AnyRequest } from "../../codec/any-request.ts";
import { type ExchangeCodec, JSON_TYPE } from "../../codec/exchange-codec.ts";
import { badRequest } from "../../http/client-error.ts";
import { multipart } from "../../http/forms/multipart.ts";
import type { ReadForm } from "../../http/forms/read-form.ts";
import { pictureUnits } from "./media.ts";
import { judged, namedRequest, streamCodec, wholeCodec } from "./operation.ts";

export interface FormRoute {
  /** The last part of the path, here and upstream. */
  readonly route: string;
  readonly operation: Operation;
  /** The form field that must hold a file. */
  readonly file: string;
  codec(adapter: Adapter): FormCodec | undefined;
}

export const FORM_ROUTES: Readonly<Record<string, FormRoute>> = {
  "/v1/audio/transcriptions": {
    route: "transcriptions",
    operation: "transcription",
    file: "file",
    codec: ({ transcription }) => transcription,
  },
  "/v1/audio/translations": {
    route: "translations",
    operation: "transcription",
    file: "file",
    codec: ({ transcription }) => transcription,
  },
  "/v1/images/edits": {
    route: "edits",
    operation: "image",
    file: "image",
    codec: ({ imageForm }) => imageForm,
  },
  "/v1/images/variations": {
    route: "variations",
    operation: "image",
    file: "image",
    codec: ({ imageForm }) => imageForm,
  },
};

export function formRequest(form: ReadForm, { route, operation, file, codec }: FormRoute): AnyRequest {
  const field = (name: string): string | undefined => form.fields.findLast(([key]) => key === name)?.[1];
  const model = field("model");
  if (model === undefined || model === "") throw badRequest("The form has no field `model`.", "model");
  if (!form.files.some(({ name }) => name === file || name === `${file}[]`)) {
    throw badRequest(`The form brings no file in \`${file}\`.`, file);
  }
  const stream = field("stream") === "true";
  const fields = form.fields.filter(([name]) => !GATEWAY_FIELDS.includes(name));
  return namedRequest(
    model,
    operation,
    (adapter, target) => exchangeCodec(codec(adapter), { fields, files: form.files }, target, route, stream),
    {
      stream,
      mockFallback: field("mock_testing_fallbacks") === "true",
      units:
        operation === "image"
          ? pictureUnits(field)
          : { soundBytes: form.files.reduce((sum, { bytes }) => sum + bytes, 0) },
    },
  );
}

function exchangeCodec(
  codec: FormCodec | undefined,
  form: Pick<ReadForm, "fields" | "files">,
  target: Target,
  route: string,
  stream: boolean,
): ExchangeCodec | undefined {
  if (codec === undefined) return undefined;
  const encoded = codec.encode(form, target, route);
  const body = multipart(encoded.form);
  const sent: ExchangeCodec["encoded"] = {
    path: encoded.path,
    headers: {
      "content-type": body.contentType,
      "content-length": String(body.bytes),
      accept: stream ? "text/event-stream" : "*/*",
    },
    body: body.open,
    dropped: encoded.dropped,
  };
  if (stream)
    return streamCodec(sent, "text/event-stream; charset=utf-8", (bytes) => codec.inspect(bytes, JSON_TYPE));
  return wholeCodec(sent, (bytes, contentType) =>
    judged(bytes, codec.inspect(bytes, contentType), contentType ?? JSON_TYPE),
  );
}
