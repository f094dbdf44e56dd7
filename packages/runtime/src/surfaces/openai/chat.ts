/** POST /v1/chat/completions */
import { exactBody, type NativeBody } from "@headgate/adapter-kit";
import type { ChatRequest } from "@headgate/contract";
import { NEED } from "@headgate/router";
import { SSE_KEEP_ALIVE, type SurfaceRequest, sseComment } from "../../codec/surface-request.ts";
import { decodeChat } from "./chat-decode.ts";
import { ChatChunkEncoder, encodeChatBody } from "./chat-encode.ts";
import { chatFacts } from "./chat-facts.ts";
import { takeOverChat } from "./chat-take-over.ts";
import { errorFrame } from "./envelope.ts";

export function chatRequest(native: NativeBody, requestId: string): SurfaceRequest {
  const facts = chatFacts(native.json);
  let canonical: ChatRequest | undefined;
  const id = `chatcmpl-${requestId}`;
  return {
    wire: "openai-chat",
    facts,
    stream: facts.stream,
    includeUsage: facts.includeUsage,
    native,
    mockFallback: facts.mockFallback,
    wantsJson: facts.wantsJson,
    searchRequired: (facts.needs & NEED.search) !== 0,
    canonical() {
      canonical ??= decodeChat(exactBody(native), facts);
      return canonical;
    },
    streamEncoder: (model, createdAtS) => new ChatChunkEncoder(id, model, createdAtS, facts.includeUsage),
    takeOver: (passed, decode, nowS) => takeOverChat(passed, decode, nowS, facts.includeUsage),
    encodeBody: (events, model, createdAtS) => encodeChatBody(events, id, model, createdAtS),
    errorFrame,
    comment: sseComment,
    keepAlive: SSE_KEEP_ALIVE,
    streamContentType: "text/event-stream; charset=utf-8",
  };
}
