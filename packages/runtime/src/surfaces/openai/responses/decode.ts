/** A request to the Responses API, read once: what routing needs, the canonical form, and what the answer repeats. */
import {
  type ChatMessage,
  type ChatRequest,
  type JsonObject,
  present,
  type WebSearch,
} from "@headgate/contract";
import { NEED, type RequestFacts } from "@headgate/router";
import { badRequest } from "../../../http/client-error.ts";
import { flag } from "../chat-facts.ts";
import { historyOf } from "./history.ts";
import type { ResponsesHost } from "./host.ts";
import { readInput } from "./input.ts";
import { decodeItems, type Item } from "./messages.ts";
import { type Parameters, readParameters } from "./parameters.ts";
import { type DecodedTools, decodeTools } from "./tools.ts";

export interface DecodedRequest {
  readonly needs: RequestFacts["needs"];
  readonly mockFallback: boolean;
  readonly chat: ChatRequest;
  readonly parameters: Parameters;
  readonly tools: DecodedTools;
  /** The conversation of `previous_response_id`. */
  readonly history: readonly JsonObject[];
  /** This request's own items, to be kept with its response. */
  readonly input: readonly JsonObject[];
  readonly callIds: ReadonlySet<string>;
  /** Paths of items that are left out. */
  readonly leftOut: readonly string[];
  /** By canonical message: the path of its parts, or of the item where it came from several. */
  readonly paths: readonly string[];
}

/** What a conversation is read with. */
export type DecodingHost = Pick<ResponsesHost, "store" | "sealer">;

/**
 * @param stem of the response that is to come
 * @throws {ClientError} 400 with the path of the first field that is wrong
 */
export function decodeRequest(body: JsonObject, stem: string, host: DecodingHost): DecodedRequest {
  const { store, sealer } = host;
  const parameters = readParameters(body);
  const tools = decodeTools(body);
  const { previousResponseId, chat, stream, echo } = parameters;
  const history = previousResponseId === undefined ? [] : historyOf(previousResponseId, store);
  const input = readInput(body.input, stem, store);
  if (history.length + input.length === 0)
    throw badRequest("`input` is missing: send a string or an array of items.", "input");
  const items: Item[] = [
    ...history.map((json) => ({ json, path: "previous_response_id" })),
    ...input.map((json, index) => ({ json, path: `input[${index}]` })),
  ];
  const decoded = decodeItems(items, tools.names, sealer);
  const instructions = typeof echo.instructions === "string" ? [systemMessage(echo.instructions)] : [];
  const messages = [...instructions, ...decoded.messages];
  let needs = neededFor(messages);
  if (tools.tools.length > 0) needs |= NEED.tools;
  if (tools.searchRequired) needs |= NEED.search;
  if (chat.responseFormat?.type === "json-schema") needs |= NEED.json;
  return {
    needs,
    mockFallback: flag(body, "mock_testing_fallbacks"),
    chat: {
      ...chat,
      messages,
      stream,
      includeUsage: true,
      ...(tools.tools.length === 0 ? {} : { tools: tools.tools }),
      ...present({
        toolChoice: tools.choice,
        webSearch: tools.searchPath === undefined ? undefined : searchOf(tools),
      }),
    },
    parameters,
    tools,
    history,
    input,
    callIds: decoded.callIds,
    leftOut: decoded.leftOut,
    paths: [...instructions.map(() => "instructions"), ...decoded.paths],
  };
}

const searchOf = ({ searchRequired }: DecodedTools): WebSearch => (searchRequired ? { required: true } : {});

const systemMessage = (text: string): ChatMessage => ({
  role: "system",
  content: [{ type: "text", text }],
});

function neededFor(messages: readonly ChatMessage[]): number {
  let needs = 0;
  for (const { content } of messages) {
    for (const part of content) {
      if (part.type === "image") needs |= NEED.vision;
      else if (part.type === "audio") needs |= NEED["audio-input"];
    }
  }
  return needs;
}
