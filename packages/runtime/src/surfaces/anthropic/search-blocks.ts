/**
 * The blocks in which Anthropic's clients read a search that another provider or the gateway ran: the call, and what it found.
 * https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool#response
 */
import { isObject } from "@headgate/adapter-kit";
import type { Citation, JsonObject, JsonValue } from "@headgate/contract";
import { isArray } from "../../http/json-body.ts";
import { FOREIGN } from "./citations.ts";
import { isSearchTool } from "./search-tool.ts";

/** Begins the ids of calls that Anthropic did not make. */
const ID = "srvtoolu_headgate_";
const MAX_QUERY_CHARS = 400;

/** What the search is asked for, as far as the request says it; undefined where it asks for none. */
export function searchedFor({ tools, messages }: JsonObject): string | undefined {
  if (!isArray(tools) || !tools.some((tool) => isObject(tool) && isSearchTool(tool))) return undefined;
  const user = isArray(messages)
    ? messages.findLast((message) => isObject(message) && message.role === "user")
    : undefined;
  const content = isObject(user) ? user.content : undefined;
  const words = isArray(content)
    ? content.map((block) => (isObject(block) && typeof block.text === "string" ? block.text : "")).join(" ")
    : content;
  return typeof words === "string" ? words.trim().slice(0, MAX_QUERY_CHARS) : "";
}

/** Empty where no page was found. @param stem of the answer's id */
export function searchBlocks(stem: string, query: string, citations: readonly Citation[]): JsonObject[] {
  const pages = new Map<string, JsonObject>();
  for (const { url, title } of citations) {
    if (url === undefined || pages.has(url)) continue;
    pages.set(url, {
      type: "web_search_result",
      url,
      title: title ?? url,
      // Anthropic's seal over the page. Without it Anthropic refuses the block.
      encrypted_content: FOREIGN,
      page_age: null,
    });
  }
  if (pages.size === 0) return [];
  const id = ID + stem;
  return [
    { type: "server_tool_use", id, name: "web_search", input: { query } },
    { type: "web_search_tool_result", tool_use_id: id, content: [...pages.values()] },
  ];
}

/** True for a block that {@link searchBlocks} made. */
export const isForeignSearch = (block: JsonValue): boolean =>
  isObject(block) && (isOurs(block.id) || isOurs(block.tool_use_id));

const isOurs = (id: JsonValue | undefined): boolean => typeof id === "string" && id.startsWith(ID);

/** A search or a page that Anthropic looked up: what it found is in the text behind it. */
export const isLookup = ({ type, name }: JsonObject): boolean =>
  type === "web_search_tool_result" ||
  type === "web_fetch_tool_result" ||
  (type === "server_tool_use" && (name === "web_search" || name === "web_fetch"));
