/** Chats and embeddings of the local fakes: the lab's own answers on the lab's own wires. */

import { documentAt } from "../documents.ts";
import { contentTypeOf, framesOf } from "../frames.ts";
import { readLabRequest, type Wire } from "../lab-request.ts";
import type { LocalCall, LocalReply } from "./backend.ts";

const REASONING = ["Let me", " think."];

/** One write per frame of a stream. With thinking requested, thinking comes first. */
export function chatReply(call: LocalCall, wire: Exclude<Wire, "listing">): LocalReply {
  const request = readLabRequest({ ...call, query: call.query.toString(), wire, nthOnConnection: 1 });
  const { think } = call.body;
  const thinks = think === true || (typeof think === "string" && think !== "");
  const frames = framesOf(request, thinks ? { reasoning: REASONING } : {});
  return {
    status: 200,
    headers: { "content-type": contentTypeOf(request) },
    chunks: frames.map(({ bytes }) => bytes),
  };
}

export function embeddingReply(call: LocalCall): LocalReply {
  const document = documentAt(call.method, call.path, call.seq, call.body);
  return document === undefined ? { status: 404 } : { status: 200, body: document.value };
}
