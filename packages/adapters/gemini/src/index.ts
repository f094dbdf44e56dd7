/** Google's Gemini wire: `models/{model}:generateContent`. */
import { defineAdapter } from "@headgate/adapter-kit";
import { COUNTING } from "./counting.ts";
import { decodeBody, decodeStream } from "./decode.ts";
import { decodeEmbedding, encodeEmbedding } from "./embedding.ts";
import { encodeChat } from "./encode.ts";
import { inspectBody } from "./inspect.ts";
import { LISTING } from "./listing.ts";
import { addressNative } from "./native.ts";
import { relayChat } from "./relay.ts";
import { unsealed } from "./unsealed.ts";
import { WIRE } from "./wire.ts";

export default defineAdapter({
  id: "gemini",
  listing: LISTING,
  unsealed,
  chat: {
    wire: WIRE,
    encode: encodeChat,
    decodeBody,
    decodeStream,
    native: {
      encode: addressNative,
      inspectBody,
      relayStream: () => relayChat(),
      counting: COUNTING,
    },
  },
  embedding: { wire: WIRE, encode: encodeEmbedding, decode: decodeEmbedding },
});
