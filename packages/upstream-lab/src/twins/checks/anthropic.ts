/** Messages of Anthropic's wire. https://platform.claude.com/docs/en/api/messages */
import { asList, asObject, asText, isObject, type JsonObject } from "../../json.ts";
import type { Check } from "../rule.ts";
import { type SealFault, sealFault } from "../seal.ts";

export interface PlacedBlock {
  readonly at: string;
  readonly block: JsonObject;
  /** Index of its message; -1 in `system` and `tools`. */
  readonly message: number;
}

export const messagesOf = (body: JsonObject): readonly JsonObject[] => asList(body.messages).map(asObject);
export const blocksOf = (message: JsonObject | undefined): readonly JsonObject[] =>
  asList(message?.content).map(asObject);

export function placed(body: JsonObject): readonly PlacedBlock[] {
  return messagesOf(body).flatMap((message, index) =>
    blocksOf(message).flatMap((block, nth) => {
      const at = `messages.${index}.content.${nth}`;
      const inner =
        block.type === "tool_result"
          ? asList(block.content).map((one, deep) => ({
              at: `${at}.tool_result.content.${deep}`,
              block: asObject(one),
              message: index,
            }))
          : [];
      return [{ at, block, message: index }, ...inner];
    }),
  );
}

export const systemBlocks = (body: JsonObject): readonly PlacedBlock[] =>
  asList(body.system).map((block, index) => ({ at: `system.${index}`, block: asObject(block), message: -1 }));

const everyBlock =
  (test: (block: JsonObject) => boolean | string | undefined): Check =>
  (body) => {
    for (const { at, block } of [...systemBlocks(body), ...placed(body)]) {
      const found = test(block);
      if (found === true) return { at, value: asText(block.type) };
      if (typeof found === "string") return { at: `${at}.${found}`, value: found };
    }
    return undefined;
  };

export const emptyTextBlock: Check = everyBlock(({ type, text }) => type === "text" && text === "");
export const blankTextBlock: Check = everyBlock(
  ({ type, text }) => type === "text" && text !== "" && asText(text).trim() === "",
);
export const cachedEmptyText: Check = everyBlock(
  ({ type, text, cache_control }) => type === "text" && text === "" && isObject(cache_control),
);
export const cachedThinking: Check = everyBlock(({ type, cache_control }) =>
  (type === "thinking" || type === "redacted_thinking") && cache_control !== undefined
    ? `${type}.cache_control`
    : undefined,
);

export const cacheMarksAbove =
  (most: number): Check =>
  (body) => {
    const marked = [
      ...systemBlocks(body).map(({ block }) => block),
      ...placed(body).map(({ block }) => block),
      ...asList(body.tools).map(asObject),
    ].filter(({ cache_control }) => isObject(cache_control)).length;
    return marked > most ? { at: "cache_control", value: String(marked) } : undefined;
  };

export const cacheScope: Check = (body) => {
  const marked = [...systemBlocks(body), ...placed(body)].find(
    ({ block }) => asObject(block.cache_control).scope !== undefined,
  );
  return marked === undefined ? undefined : { at: `${marked.at}.cache_control.scope` };
};

export const endsWithAssistantTurn: Check = (body) => {
  const messages = messagesOf(body);
  return messages.at(-1)?.role === "assistant" ? { at: `messages.${messages.length - 1}` } : undefined;
};

export const systemInMessages: Check = (body) => {
  const at = messagesOf(body).findIndex(({ role }) => role === "system");
  return at === -1 ? undefined : { at: `messages.${at}.role`, value: "system" };
};

export const thinks = (body: JsonObject): boolean =>
  ["enabled", "adaptive"].includes(asText(asObject(body.thinking).type));
export const thinksByBudget = (body: JsonObject): boolean => asObject(body.thinking).type === "enabled";

export const budgetAboveMaximum: Check = (body) => {
  const budget = asObject(body.thinking).budget_tokens;
  return typeof budget === "number" && typeof body.max_tokens === "number" && budget >= body.max_tokens
    ? { at: "thinking.budget_tokens", value: String(budget) }
    : undefined;
};

const isThinking = (block: JsonObject | undefined): boolean =>
  block?.type === "thinking" || block?.type === "redacted_thinking";

/** The assistant turn before the results at the end begins with its thinking. */
export const thinkingMissing: Check = (body) => {
  const messages = messagesOf(body);
  const answered = blocksOf(messages.at(-1)).some(({ type }) => type === "tool_result");
  const index = messages.findLastIndex(({ role }) => role === "assistant");
  const [first] = blocksOf(messages[index]);
  if (!answered || index === -1 || isThinking(first)) return undefined;
  return { at: `messages.${index}.content.0.type`, value: asText(first?.type) };
};

/** Thinking whose signature is not this model's (`foreign`), or whose text is not what was signed (`changed`). */
export const badSignature =
  (owner: string, kind: SealFault, which: "any turn" | "latest turn"): Check =>
  (body, model) => {
    const latest = messagesOf(body).findLastIndex(({ role }) => role === "assistant");
    const bad = placed(body).find(({ block, message }) => {
      if (which === "latest turn" && message !== latest) return false;
      return (
        block.type === "thinking" &&
        sealFault(asText(block.signature), `${owner}/${model}`, asText(block.thinking)) === kind
      );
    });
    return bad === undefined ? undefined : { at: bad.at };
  };

export const badRedactedThinking =
  (owner: string): Check =>
  (body, model) => {
    const bad = placed(body).find(
      ({ block }) =>
        block.type === "redacted_thinking" &&
        sealFault(asText(block.data), `${owner}/${model}`, "redacted") !== undefined,
    );
    return bad === undefined ? undefined : { at: bad.at };
  };

/** Unsigned thinking of an endpoint that signs nothing still needs the field. */
export const signatureAbsent: Check = everyBlock(({ type, signature }) =>
  type === "thinking" && signature === undefined ? "thinking.signature" : undefined,
);

export const unansweredToolUse: Check = (body) => {
  const messages = messagesOf(body);
  for (const [index, message] of messages.entries()) {
    const results = new Set(blocksOf(messages[index + 1]).map(({ tool_use_id }) => tool_use_id));
    const open = blocksOf(message).find(({ type, id }) => type === "tool_use" && !results.has(id));
    if (open !== undefined) return { at: `messages.${index}`, value: asText(open.id) };
  }
  return undefined;
};

/** A result whose call is not in the turn right before. */
export const orphanToolResult: Check = (body) => {
  const messages = messagesOf(body);
  for (const [index, message] of messages.entries()) {
    const calls = new Set(blocksOf(messages[index - 1]).map(({ id }) => id));
    const nth = blocksOf(message).findIndex(
      ({ type, tool_use_id }) => type === "tool_result" && !calls.has(tool_use_id),
    );
    if (nth !== -1) {
      return { at: `messages.${index}.content.${nth}`, value: asText(blocksOf(message)[nth]?.tool_use_id) };
    }
  }
  return undefined;
};

/** Another block before or between the results of a turn. */
export const resultsNotFirst: Check = (body) => {
  for (const [index, message] of messagesOf(body).entries()) {
    const types = blocksOf(message).map(({ type }) => type);
    const other = types.findIndex((type) => type !== "tool_result");
    if (other !== -1 && types.lastIndexOf("tool_result") > other)
      return { at: `messages.${index}.content.${other}` };
  }
  return undefined;
};

/** A server tool's result without its use before it in the same turn. */
export const orphanServerResult: Check = (body) => {
  for (const [index, message] of messagesOf(body).entries()) {
    const used = new Set<unknown>();
    for (const [nth, { type, id, tool_use_id }] of blocksOf(message).entries()) {
      if (type === "server_tool_use" || type === "mcp_tool_use") used.add(id);
      const result = asText(type);
      if (result !== "tool_result" && result.endsWith("_tool_result") && !used.has(tool_use_id)) {
        return { at: `messages.${index}.content.${nth}`, value: result };
      }
    }
  }
  return undefined;
};

export const repeatedToolUseId: Check = (body) => {
  const seen = new Set<string>();
  for (const { at, block } of placed(body)) {
    if (block.type !== "tool_use") continue;
    if (seen.has(asText(block.id))) return { at, value: asText(block.id) };
    seen.add(asText(block.id));
  }
  return undefined;
};

export const toolUseId = (pattern: RegExp): Check =>
  everyBlock(({ type, id, tool_use_id }) => {
    if (type === "tool_use" && !pattern.test(asText(id))) return "tool_use.id";
    return type === "tool_result" && !pattern.test(asText(tool_use_id))
      ? "tool_result.tool_use_id"
      : undefined;
  });

const sourcesOf = (body: JsonObject): readonly { readonly at: string; readonly data: string }[] =>
  placed(body)
    .filter(({ block }) => block.type === "image")
    .map(({ at, block }) => ({ at: `${at}.image.source.base64`, data: asText(asObject(block.source).data) }));

/** The larger side of a PNG in pixels, from its header; 0 for anything else. */
function pngSide(base64: string): number {
  const bytes = Buffer.from(base64.slice(0, 64), "base64");
  return bytes.length >= 24 && bytes.toString("latin1", 1, 4) === "PNG"
    ? Math.max(bytes.readUInt32BE(16), bytes.readUInt32BE(20))
    : 0;
}

/** An image wider or higher than this, in a request with more images than `moreThan`. */
export const imageSideAbove =
  (pixels: number, moreThan: number): Check =>
  (body) => {
    const sources = sourcesOf(body);
    const large = sources.find(({ data }) => pngSide(data) > pixels);
    return sources.length > moreThan && large !== undefined ? { at: large.at } : undefined;
  };

export const imageBytesAbove =
  (most: number): Check =>
  (body) => {
    const large = sourcesOf(body).find(({ data }) => data.length > most);
    return large === undefined ? undefined : { at: large.at, value: String(large.data.length) };
  };

export const blankStopSequence: Check = (body) => {
  const at = asList(body.stop_sequences).findIndex((stop) => asText(stop).trim() === "");
  return at === -1 ? undefined : { at: `stop_sequences.${at}` };
};
