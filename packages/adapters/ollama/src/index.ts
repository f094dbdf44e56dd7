/** Ollama's native wire: `/api/chat`, one JSON object per line, and `/api/embed`. */
import { defineAdapter } from "@headgate/adapter-kit";
import { ChatLineDecoder, decodeBody } from "./decode.ts";
import { decodeEmbedding, encodeEmbedding } from "./embedding.ts";
import { addressRequest, encodeChat } from "./encode.ts";
import { LISTING } from "./listing.ts";
import { ChatLineRelay, inspectBody } from "./relay.ts";

export default defineAdapter({
  id: "ollama",
  listing: LISTING,
  chat: {
    wire: "ollama-chat",
    encode: encodeChat,
    decodeBody,
    decodeStream: () => new ChatLineDecoder(),
    native: {
      encode: addressRequest,
      inspectBody,
      relayStream: () => new ChatLineRelay(),
    },
  },
  embedding: { wire: "ollama-embed", encode: encodeEmbedding, decode: decodeEmbedding },
});
