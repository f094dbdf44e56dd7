/** OpenAI's wires, which most providers have; their departures from it are data (`dialect`). */
import { defineAdapter } from "@headgate/adapter-kit";
import { decodeBody, decodeStream } from "./decode.ts";
import { decodeEmbedding, encodeEmbedding } from "./embedding.ts";
import { EMBEDDING } from "./embedding-passing.ts";
import { encodeChat, encodeRuled } from "./encode.ts";
import { IMAGE_FORM, TRANSCRIPTION } from "./forms.ts";
import { inspectBody } from "./inspect.ts";
import { LISTING } from "./listing.ts";
import { IMAGE, MODERATION, SPEECH } from "./media.ts";
import { relayChat } from "./relay.ts";
import { addressRequest } from "./request.ts";
import { decodeRerank, encodeRerank } from "./rerank.ts";
import { RESPONSES } from "./responses.ts";
import { unsealed } from "./unsealed.ts";

export default defineAdapter({
  id: "openai-compatible",
  listing: LISTING,
  unsealed,
  chat: {
    wire: "openai-chat",
    encode: encodeChat,
    decodeBody,
    decodeStream,
    native: {
      encode: (body, target) => addressRequest(body, target),
      encodeRuled,
      inspectBody,
      relayStream: relayChat,
    },
  },
  second: RESPONSES,
  embedding: { encode: encodeEmbedding, decode: decodeEmbedding, passing: EMBEDDING },
  rerank: { encode: encodeRerank, decode: decodeRerank },
  image: IMAGE,
  imageForm: IMAGE_FORM,
  moderation: MODERATION,
  speech: SPEECH,
  transcription: TRANSCRIPTION,
});
