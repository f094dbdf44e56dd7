/** Ollama's native wire: `/api/chat`, one JSON object per line, and `/api/embed`. */
import { defineAdapter, type RelayOptions } from "@headgate/adapter-kit";
import { ChatLineDecoder, decodeBody } from "./decode.ts";
import { decodeEmbedding, encodeEmbedding } from "./embedding.ts";
import { addressGenerate, addressRequest, encodeChat } from "./encode.ts";
import { LISTING } from "./listing.ts";
import { ChatLineRelay, inspectBody, renamed } from "./relay.ts";

const native = {
  inspectBody,
  renamed,
  relayStream: (options: RelayOptions) => new ChatLineRelay(options),
};

export default defineAdapter({
  id: "ollama",
  listing: LISTING,
  chat: {
    wire: "ollama-chat",
    encode: encodeChat,
    decodeBody,
    decodeStream: () => new ChatLineDecoder(),
    native: { ...native, encode: addressRequest },
  },
  second: {
    wire: "ollama-generate",
    // Another path for chats says nothing of this route.
    serves: ({ provider }) => provider.dialect.chatPath === undefined,
    native: { ...native, encode: addressGenerate },
  },
  embedding: { wire: "ollama-embed", encode: encodeEmbedding, decode: decodeEmbedding },
});
