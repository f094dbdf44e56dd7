/** POST /v1/images/generations, /v1/moderations and /v1/audio/speech: JSON in; audio out as it comes, the rest whole. */
import { asCount, asText, type NativeBody } from "@headgate/adapter-kit";
import { type ChargedUnits, type JsonValue, present } from "@headgate/contract";
import type { AnyRequest } from "../../codec/any-request.ts";
import { badRequest } from "../../http/client-error.ts";
import { textField } from "../field-readers.ts";
import { operationRequest, passWhole, streamCodec, wholeCodec } from "./operation.ts";

export function imageRequest(body: NativeBody): AnyRequest {
  required(body, "prompt");
  return operationRequest(
    body.json,
    "image",
    ({ image }, target) =>
      image === undefined ? undefined : wholeCodec(image.encode(body, target), passWhole(image)),
    { units: pictureUnits((name) => body.json[name]) },
  );
}

/** A price of pictures counts them, by their quality and size. */
export function pictureUnits(field: (name: string) => JsonValue | undefined): ChargedUnits {
  const n = field("n");
  const images = asCount(typeof n === "string" ? Number(n) : n) ?? 1;
  return { images, ...present({ quality: asText(field("quality")), size: asText(field("size")) }) };
}

export function speechRequest(body: NativeBody): AnyRequest {
  const input = required(body, "input");
  return operationRequest(
    body.json,
    "speech",
    ({ speech }, target) =>
      speech === undefined
        ? undefined
        : streamCodec(speech.encode(body, target), "application/octet-stream", speech.inspect),
    { stream: true, units: { characters: charactersOf(input) } },
  );
}

/** Characters as Unicode counts them, without a list of them. */
function charactersOf(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
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

function required({ json }: NativeBody, name: string): string {
  const value = textField(json, name);
  if (value === undefined || value === "")
    throw badRequest(`\`${name}\` must be a text that is not empty.`, name);
  return value;
}
