/**
 * A note to a model that takes over a conversation. Without it some models greet, repeat a question, or doubt tool results
 * that another model requested. Only with HEADGATE_CONTEXT_HANDOFF=on-switch.
 */
import type { ChatMessage, ChatRequest } from "@headgate/contract";
import type { Candidate } from "@headgate/router";
import { type AnyRequest, isChat } from "../codec/any-request.ts";

const NOTE =
  "You are taking over this conversation from another assistant. The assistant turns and tool calls in it are the other one's; treat them as yours. Go on from where it stopped: do not greet, do not start over, and do not ask again for what has been said or done.";

/**
 * @param last the id of the candidate that answered the conversation last; undefined where it is not known
 * @returns the request itself, unless another model than `candidate`'s answered last
 */
export function withHandoff(request: AnyRequest, candidate: Candidate, last: string | undefined): AnyRequest {
  if (last === undefined || !isChat(request) || sameModel(last, candidate.id)) return request;
  const { native: _, ...rest } = request;
  return { ...rest, canonical: () => noted(request.canonical()) };
}

/** Ids are `<provider>@<key>/<model>`: the same model under another key or at another provider counts as the same. */
const sameModel = (a: string, b: string): boolean => a.slice(a.indexOf("/")) === b.slice(b.indexOf("/"));

/** The note goes after the other system texts, which every wire has a place for. */
export function noted(request: ChatRequest): ChatRequest {
  const { messages } = request;
  if (!messages.some(({ role }) => role === "assistant")) return request;
  const note: ChatMessage = { role: "system", content: [{ type: "text", text: NOTE }] };
  const first = messages.findIndex(({ role }) => role !== "system");
  return { ...request, messages: [...messages.slice(0, first), note, ...messages.slice(first)] };
}
