/** Images and files: where they may stand, and how many there may be. */
import type { ChatMessage, ContentPart, MessageRules } from "@headgate/contract";
import { EncodeError } from "../adapter.ts";
import type { Notes } from "./notes.ts";

type Media = NonNullable<MessageRules["media"]>;

const isMedia = ({ type }: ContentPart): boolean => type !== "text";

/** @throws {EncodeError} for an image that the provider cannot see and that the user's last words are about */
export function ruleMedia(
  messages: readonly ChatMessage[],
  rule: Media | undefined,
  notes: Notes,
): readonly ChatMessage[] {
  if (rule === undefined || !messages.some(({ content }) => content.some(isMedia))) return messages;
  let ruled = messages;
  if (rule.results === "move") ruled = behindResults(ruled, notes);
  if (rule.none === "note") ruled = asNotes(ruled, notes);
  const images = ruled.flatMap(({ content }) => content.filter(({ type }) => type === "image"));
  if (rule.max_images !== undefined && images.length > rule.max_images)
    throw new EncodeError(
      `this model takes at most ${rule.max_images} images; the request has ${images.length}`,
      "messages",
    );
  if (rule.urls === false && images.some((part) => part.type === "image" && part.url !== undefined))
    throw new EncodeError("this provider takes images as data only, not by their URLs", "messages");
  return ruled;
}

/** Media in a tool's result move into the user's message behind the results of the step. */
export function behindResults(messages: readonly ChatMessage[], notes: Notes): readonly ChatMessage[] {
  const holds = (message: ChatMessage): boolean => message.role === "tool" && message.content.some(isMedia);
  if (!messages.some(holds)) return messages;
  const kept: ChatMessage[] = [];
  let moved: ContentPart[] = [];
  const place = (): void => {
    if (moved.length > 0) kept.push({ role: "user", content: moved });
    moved = [];
  };
  for (const message of messages) {
    if (message.role === "tool") {
      if (holds(message)) notes.name("messages[].content");
      moved.push(...message.content.filter(isMedia));
      const content = message.content.map((part): ContentPart => (isMedia(part) ? noteFor(part) : part));
      kept.push(holds(message) ? { ...message, content } : message);
    } else if (message.role === "user" && moved.length > 0) {
      kept.push({ ...message, content: [...moved, ...message.content] });
      moved = [];
    } else {
      place();
      kept.push(message);
    }
  }
  place();
  return kept;
}

const noteFor = ({ type }: ContentPart): ContentPart => ({
  type: "text",
  text: `(The ${type} is in the next message.)`,
});

/** A model that sees nothing keeps the conversation: what others saw before is named in its place. */
function asNotes(messages: readonly ChatMessage[], notes: Notes): readonly ChatMessage[] {
  const last = messages.findLastIndex(({ role }) => role === "user");
  return messages.map((message, at) => {
    if (!message.content.some(isMedia)) return message;
    const found = message.content.find(isMedia)?.type;
    if (at === last) throw new EncodeError(`this model takes no ${found}`, `messages[${at}].content`);
    notes.name("messages[].content");
    return {
      ...message,
      content: message.content.map(
        (part): ContentPart =>
          isMedia(part)
            ? { type: "text", text: `(An earlier ${part.type}, which this model cannot see.)` }
            : part,
      ),
    };
  });
}
