/** POST /v1/messages */

import type { IncomingHttpHeaders } from "node:http";
import { exactBody, isObject, type NativeBody } from "@headgate/adapter-kit";
import { type JsonObject, present } from "@headgate/contract";
import { NEED } from "@headgate/router";
import { type SurfaceRequest, sseComment } from "../../codec/surface-request.ts";
import { ClientError } from "../../http/client-error.ts";
import { decodeRequest, fieldName, type Translation } from "./decode.ts";
import { encodeMessage, type Identity } from "./encode-body.ts";
import { MessageStreamEncoder, PING_EVENT } from "./encode-stream.ts";
import { errorEvent } from "./envelope.ts";
import { messagesFacts } from "./facts.ts";
import { forOwnWire, WIRE } from "./seals.ts";
import { searchedFor } from "./search-blocks.ts";
import { takeOverMessage } from "./take-over.ts";

/** Fields of this wire: an upstream of the same wire gets them unchanged. */
const WIRE_HEADERS = ["anthropic-version", "anthropic-beta"] as const;

export function messagesRequest(
  body: NativeBody,
  requestId: string,
  headers: IncomingHttpHeaders,
): SurfaceRequest {
  const facts = messagesFacts(body.json);
  refuseThread(body.json);
  const showThinking = !thinkingIsOff(body.json);
  const search = searchedFor(body.json);
  const identity = (model: string): Identity => ({
    id: `msg_${requestId}`,
    model,
    showThinking,
    ...present({ search }),
  });
  let translation: Translation | undefined;
  const translated = (): Translation => {
    translation ??= decodeRequest(exactBody(body), facts.stream);
    return translation;
  };
  return {
    wire: WIRE,
    facts,
    stream: facts.stream,
    includeUsage: true,
    native: { ...forOwnWire(body), headers: wireHeaders(headers) },
    mockFallback: facts.mockFallback,
    searchRequired: (facts.needs & NEED.search) !== 0,
    canonical: () => translated().request,
    get dropped() {
      return translated().leftOut;
    },
    fieldName: (canonical) => fieldName(canonical, translation?.paths ?? []),
    streamEncoder: (model) => new MessageStreamEncoder(identity(model)),
    // The message has begun, so its id and model are not sent again.
    takeOver: (passed, decode) => takeOverMessage(passed, decode, identity(facts.model)),
    encodeBody: (events, model) => encodeMessage(events, identity(model)),
    errorFrame: (error) => errorEvent(error, requestId),
    comment: sseComment,
    keepAlive: PING_EVENT,
    streamContentType: "text/event-stream; charset=utf-8",
  };
}

/**
 * A thread is a conversation that Anthropic keeps, while the next turn may go to another account or provider. After this
 * error the SDK sends whole conversations instead.
 */
function refuseThread({ thread }: JsonObject): void {
  if (thread === undefined || thread === null) return;
  throw new ClientError({
    status: 400,
    type: "invalid_request_error",
    param: "thread",
    message: "Threads are not kept here: send the whole conversation in `messages`, without `thread`.",
    details: { error_code: "thread_unsupported_request", unsupported: ["thread"] },
  });
}

const thinkingIsOff = ({ thinking }: JsonObject): boolean =>
  isObject(thinking) && (thinking.type === "disabled" || thinking.display === "omitted");

export function wireHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const name of WIRE_HEADERS) {
    const value = headers[name];
    if (typeof value === "string") kept[name] = value;
  }
  return kept;
}
