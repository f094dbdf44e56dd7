/**
 * The gateway's own web search, where no candidate has one: the model gets a function that searches, the gateway runs it,
 * and the answer goes to the client with its sources. Each turn of the model is an exchange of its own.
 */
import { asText, EncodeError, foldEvents, isObject, parseJson } from "@headgate/adapter-kit";
import type {
  ChatEvent,
  ChatMessage,
  ChatRequest,
  Tool,
  ToolCall,
  Usage,
  WebSearch,
} from "@headgate/contract";
import { NEED } from "@headgate/router";
import type { SurfaceRequest } from "../../codec/surface-request.ts";
import type { SearchEngine } from "../../upstream/searx.ts";
import { permitted, Sources } from "./sources.ts";

/** Searches of one request, unless the client sets fewer. */
const MAX_SEARCHES = 5;
const MAX_QUERY_CHARS = 400;
const NAMES = ["web_search", "headgate_web_search"] as const;

const RULE =
  "You can search the web. Search before you answer, unless the conversation holds the answer already. Cite a page by its number in brackets behind the sentence that it supports, as in [1].";

export interface LoopInput {
  readonly request: SurfaceRequest;
  readonly search: SearchEngine;
  /** Runs one turn. @returns the answer's events */
  readonly turn: (
    request: SurfaceRequest,
    events: () => readonly ChatEvent[],
  ) => Promise<readonly ChatEvent[]>;
}

/** The events of the whole answer. @throws {ClientError} as an exchange does */
export async function searchLoop({ request, search, turn }: LoopInput): Promise<readonly ChatEvent[]> {
  const { webSearch = {}, ...asked } = request.canonical();
  const most = Math.min(MAX_SEARCHES, webSearch.maxUses ?? MAX_SEARCHES);
  const tool = searchTool(asked.tools ?? []);
  const sources = new Sources();
  const usage = { inputTokens: 0, outputTokens: 0 };
  const messages: ChatMessage[] = [system(RULE), ...asked.messages];
  for (let searched = 0; ; ) {
    const tools = searched < most ? [...(asked.tools ?? []), tool] : (asked.tools ?? []);
    const chat: ChatRequest = { ...asked, messages, stream: false, ...(tools.length === 0 ? {} : { tools }) };
    const events = await runTurn({ request, turn }, tools.length === 0 ? withoutTools(chat) : chat);
    const answer = foldEvents(events);
    addUsage(usage, answer.usage);
    const calls = answer.toolCalls.filter(({ name }) => name === tool.name);
    const others = answer.toolCalls.filter(({ name }) => name !== tool.name);
    // The client runs its own tools before the model goes on.
    if (calls.length === 0 || others.length > 0 || searched >= most)
      return finished(events, tool.name, sources.citations(answer.text), usage);
    messages.push({ role: "assistant", content: textOf(answer.text), toolCalls: calls });
    for (const call of calls) {
      const found = searched < most ? await search(queryOf(call)) : undefined;
      searched += 1;
      messages.push({
        role: "tool",
        toolCallId: call.id,
        content: textOf(wordsFor(found, sources, webSearch)),
      });
    }
  }
}

function wordsFor(found: Awaited<ReturnType<SearchEngine>>, sources: Sources, webSearch: WebSearch): string {
  if (found === undefined)
    return "The search failed. Answer from what you know, and say that the search failed.";
  return sources.add(permitted(found, webSearch));
}

const textOf = (text: string) => (text === "" ? [] : [{ type: "text", text } as const]);
const system = (text: string): ChatMessage => ({ role: "system", content: [{ type: "text", text }] });

function withoutTools({
  tools: _,
  toolChoice: __,
  parallelToolCalls: ___,
  ...chat
}: ChatRequest): ChatRequest {
  return chat;
}

function searchTool(tools: readonly Tool[]): Tool {
  const name = NAMES.find((one) => !tools.some((tool) => tool.name === one)) ?? NAMES[1];
  return {
    name,
    description: "Searches the web and returns numbered results.",
    parameters: {
      type: "object",
      properties: { query: { type: "string", description: "What to search for." } },
      required: ["query"],
    },
  };
}

function queryOf({ arguments: text }: ToolCall): string {
  const value = parseJson(text);
  const query = isObject(value) ? asText(value.query) : undefined;
  return (query ?? text).slice(0, MAX_QUERY_CHARS);
}

function addUsage(sum: { inputTokens: number; outputTokens: number }, usage: Usage | undefined): void {
  sum.inputTokens += usage?.inputTokens ?? 0;
  sum.outputTokens += usage?.outputTokens ?? 0;
}

/** The last turn's events without calls of the search, with the sources behind the text. */
function finished(
  events: readonly ChatEvent[],
  tool: string,
  citations: ReturnType<Sources["citations"]>,
  usage: Usage,
): readonly ChatEvent[] {
  const searching = new Set(
    events.flatMap((event) => (event.type === "tool-call" && event.name === tool ? [event.index] : [])),
  );
  const kept = events.filter(
    ({ type, ...event }) =>
      type !== "usage" && !(type === "tool-call" && "index" in event && searching.has(event.index)),
  );
  const at = kept.findIndex(({ type }) => type === "finish" || type === "end");
  const cut = at === -1 ? kept.length : at;
  return [
    ...kept.slice(0, cut),
    ...citations.map((citation): ChatEvent => ({ type: "citation", citation })),
    ...kept.slice(cut, -1),
    { type: "usage", usage },
    ...kept.slice(-1),
  ];
}

const NOTHING = Buffer.alloc(0);

/** One turn as a request of its own: no client reads its answer, so it is kept as events. */
async function runTurn(
  { request, turn }: Pick<LoopInput, "request" | "turn">,
  chat: ChatRequest,
): Promise<readonly ChatEvent[]> {
  let kept: readonly ChatEvent[] = [];
  const { facts, fieldName } = request;
  const inner: SurfaceRequest = {
    wire: "headgate-search",
    facts: { ...facts, needs: (facts.needs & ~NEED.search) | (chat.tools === undefined ? 0 : NEED.tools) },
    stream: false,
    includeUsage: true,
    mockFallback: false,
    ...(fieldName === undefined ? {} : { fieldName }),
    canonical: () => chat,
    streamEncoder() {
      throw new EncodeError("a turn of a search is not streamed", "stream");
    },
    encodeBody(events) {
      kept = events;
      return NOTHING;
    },
    errorFrame: () => NOTHING,
    streamContentType: "",
  };
  return turn(inner, () => kept);
}
