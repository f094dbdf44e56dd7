/** Anthropic's web search tool. https://platform.claude.com/docs/en/agents-and-tools/tool-use/web-search-tool */
import { asArray, asCount } from "@headgate/adapter-kit";
import { type JsonObject, type JsonValue, present, type WebSearch } from "@headgate/contract";

/** `web_search_20250305` and later. */
export const isSearchTool = ({ type }: JsonObject): boolean =>
  typeof type === "string" && type.startsWith("web_search_");

/** @param alone no other tool stands beside it, so that the request depends on it */
export const decodeSearchTool = (tool: JsonObject, alone: boolean): WebSearch =>
  present({
    required: alone ? (true as const) : undefined,
    maxUses: asCount(tool.max_uses),
    allowedDomains: domains(tool.allowed_domains),
    blockedDomains: domains(tool.blocked_domains),
  });

const domains = (value: JsonValue | undefined): readonly string[] | undefined =>
  asArray(value)?.filter((one): one is string => typeof one === "string");
