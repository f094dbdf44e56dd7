/** https://platform.claude.com/docs/en/api/messages-count-tokens */
import { asCount, asObject, type NativeCodec, parseJson } from "@headgate/adapter-kit";
import { addressRequest } from "./request.ts";

export const COUNTING: NonNullable<NativeCodec["counting"]> = {
  encode(body, target) {
    const encoded = addressRequest(body, target);
    return { ...encoded, path: `${encoded.path}/count_tokens` };
  },
  read: (bytes) => asCount(asObject(parseJson(bytes.toString("utf8")))?.input_tokens),
};
