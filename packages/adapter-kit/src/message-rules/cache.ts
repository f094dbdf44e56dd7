/** Marks of cached prompts: as many as the provider takes, the last ones first. */
import type { ChatMessage, ChatRequest, ContentPart, MessageRules, Tool } from "@headgate/contract";
import { mapChanged } from "./map-messages.ts";
import type { Notes } from "./notes.ts";

export function ruleCache(request: ChatRequest, rule: MessageRules["cache"], notes: Notes): ChatRequest {
  if (rule === undefined) return request;
  // The last marks are the ones that cover most of the prompt.
  let left = rule.marks ?? Number.POSITIVE_INFINITY;
  const keep = (part: { readonly cache?: unknown }, allowed: boolean): boolean => {
    if (part.cache === undefined) return true;
    if (allowed && left > 0) {
      left -= 1;
      return true;
    }
    notes.name("cache_control");
    return false;
  };
  const messages = reversed(request.messages, (message) => {
    const content = reversed(message.content, (part) => (keep(part, true) ? part : unmarked(part)));
    return content === message.content ? message : ({ ...message, content } as ChatMessage);
  });
  const tools =
    request.tools === undefined
      ? undefined
      : reversed(request.tools, (tool) => (keep(tool, rule.tools !== false) ? tool : unmarked(tool)));
  if (messages === request.messages && tools === request.tools) return request;
  return { ...request, messages, ...(tools === undefined ? {} : { tools }) };
}

function unmarked<T extends ContentPart | Tool>(part: T): T {
  const { cache: _, ...rest } = part;
  return rest as T;
}

/** From the last to the first. */
function reversed<T>(items: readonly T[], change: (item: T) => T): readonly T[] {
  const turned = items.toReversed();
  const changed = mapChanged(turned, change);
  return changed === turned ? items : changed.toReversed();
}
