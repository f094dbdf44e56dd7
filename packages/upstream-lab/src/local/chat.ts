/** Chats and embeddings of the local fakes: the lab's own answers on the lab's own wires. */
import { readAsk, type Wire } from "../ask.ts";
import { documentAt } from "../documents.ts";
import { contentTypeOf, framesOf } from "../frames.ts";
import type { LocalCall, LocalReply } from "./backend.ts";

const REASONING = ["Let me", " think."];

/** One write per frame of a stream. A model asked to think says so first. */
export function chatReply(call: LocalCall, wire: Exclude<Wire, "listing">): LocalReply {
  const ask = readAsk({ ...call, query: call.query.toString(), wire, nthOnConnection: 1 });
  const { think } = call.body;
  const thinks = think === true || (typeof think === "string" && think !== "");
  const frames = framesOf(ask, thinks ? { reasoning: REASONING } : {});
  return {
    status: 200,
    headers: { "content-type": contentTypeOf(ask) },
    chunks: frames.map(({ bytes }) => bytes),
  };
}

export function embeddingReply(call: LocalCall): LocalReply {
  const document = documentAt(call.method, call.path, call.seq, call.body);
  return document === undefined ? { status: 404 } : { status: 200, body: document.value };
}
