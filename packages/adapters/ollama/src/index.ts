/** Ollama's native wire: `/api/chat`, one JSON object per line, and `/api/embed`. */
import { defineAdapter } from "@headgate/adapter-kit";
import { ChatLineDecoder, decodeBody } from "./decode.ts";
import { decodeEmbedding, encodeEmbedding } from "./embedding.ts";
import { encodeChat } from "./encode.ts";
import { LISTING } from "./listing.ts";

export default defineAdapter({
  id: "ollama",
  listing: LISTING,
  chat: {
    wire: "ollama-chat",
    encode: encodeChat,
    decodeBody,
    decodeStream: () => new ChatLineDecoder(),
  },
  embedding: { encode: encodeEmbedding, decode: decodeEmbedding },
});
