/** POST /v1/images/generations, /v1/moderations and /v1/audio/speech: JSON in; audio out as it comes, the rest whole. */
import type { NativeBody } from "@headgate/adapter-kit";
import type { AnyRequest } from "../../codec/any-request.ts";
import { badRequest } from "../../http/client-error.ts";
import { textField } from "../field-readers.ts";
import { operationRequest, passWhole, streamCodec, wholeCodec } from "./operation.ts";

export function imageRequest(body: NativeBody): AnyRequest {
  required(body, "prompt");
  return operationRequest(body.json, "image", ({ image }, target) =>
    image === undefined ? undefined : wholeCodec(image.encode(body, target), passWhole(image)),
  );
}

export function speechRequest(body: NativeBody): AnyRequest {
  required(body, "input");
  return operationRequest(
    body.json,
    "speech",
    ({ speech }, target) =>
      speech === undefined
        ? undefined
        : streamCodec(speech.encode(body, target), "application/octet-stream", speech.inspect),
    true,
  );
}

/** OpenAI's default, which most clients rely on. */
const DEFAULT_MODERATION = "omni-moderation-latest";

export function moderationRequest(body: NativeBody): AnyRequest {
  const { input, model = DEFAULT_MODERATION } = body.json;
  if (input === undefined || input === null || input === "") throw badRequest("`input` is missing.", "input");
  return operationRequest({ ...body.json, model }, "moderation", ({ moderation }, target) =>
    moderation === undefined ? undefined : wholeCodec(moderation.encode(body, target), passWhole(moderation)),
  );
}

function required({ json }: NativeBody, name: string): void {
  const value = textField(json, name);
  if (value === undefined || value === "")
    throw badRequest(`\`${name}\` must be a text that is not empty.`, name);
}
