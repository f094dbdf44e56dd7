/** Cohere's own wire, version 2: chat with server-sent events of its own types, embeddings and reranking. */
import { defineAdapter } from "@headgate/adapter-kit";
import { decodeBody, decodeStream } from "./decode.ts";
import { decodeEmbedding, encodeEmbedding } from "./embedding.ts";
import { encodeChat } from "./encode.ts";
import { LISTING } from "./listing.ts";
import { decodeRerank, encodeRerank } from "./rerank.ts";

export default defineAdapter({
  id: "cohere",
  listing: LISTING,
  chat: {
    wire: "cohere-chat",
    encode: encodeChat,
    decodeBody,
    decodeStream,
  },
  embedding: { encode: encodeEmbedding, decode: decodeEmbedding },
  rerank: { encode: encodeRerank, decode: decodeRerank },
});
