/** https://ai.google.dev/api/tokens */
import { asCount, asObject, type NativeCodec, parseJson } from "@headgate/adapter-kit";
import { modelPath } from "./request.ts";

export const COUNTING: NonNullable<NativeCodec["counting"]> = {
  encode: ({ bytes }, { provider, deployment }) => ({
    path: `${modelPath(deployment.upstream, provider.dialect.chatPath)}:countTokens`,
    headers: { "content-type": "application/json", accept: "application/json" },
    body: bytes,
    dropped: [],
  }),
  read: (bytes) => asCount(asObject(parseJson(bytes.toString("utf8")))?.totalTokens),
};
