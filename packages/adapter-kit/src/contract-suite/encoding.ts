/** For tests of one adapter's encoder: requests that differ from a base in a few fields. */
import type { JsonValue } from "@headgate/contract";
import { expect } from "vitest";
import type { EncodedRequest, Target } from "../adapter.ts";

/** Fields of OpenAI's chat route that change the answer and that other wires have no place for. */
export const UNCARRIED_FIELDS: readonly (readonly [name: string, value: JsonValue])[] = [
  ["n", 2],
  ["logprobs", true],
  ["logit_bias", { "1": 5 }],
  ["web_search_options", {}],
];

/** @returns `encode`, whose `json` is the body as sent, and `refused`, which expects an EncodeError for `param`. */
export function encoderOf<Request>(
  encodeRequest: (request: Request, target: Target) => EncodedRequest,
  base: Request,
  target: Target,
) {
  const encode = (changes: Partial<Request>, to = target) => {
    const encoded = encodeRequest({ ...base, ...changes }, to);
    return { ...encoded, json: JSON.parse(encoded.body.toString("utf8")) };
  };
  const refused = (changes: Partial<Request>, param: string, to = target): void =>
    expect(() => encode(changes, to)).toThrow(expect.objectContaining({ name: "EncodeError", param }));
  return { encode, refused };
}
