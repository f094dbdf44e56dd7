/** Parts of messages that several wires encode in the same way. */
import type { ContentPart, JsonObject } from "@headgate/contract";
import { EncodeError } from "./adapter.ts";
import { imageMediaType } from "./image.ts";
import { parseExact } from "./json-exact.ts";
import { isObject } from "./json-read.ts";

/** A tool call's arguments for a wire that takes them as an object; no text means no arguments. */
export function parseToolArguments(text: string, at: string): JsonObject {
  const value = text.trim() === "" ? {} : parseExact(text);
  if (!isObject(value)) throw new EncodeError("a tool call's arguments must be a JSON object", at);
  return value;
}

/** An image's URL, or its data as a `data:` URL. */
export function imageUrl(
  { url, data, mediaType }: Extract<ContentPart, { type: "image" }>,
  at: string,
): string {
  if (url !== undefined) return url;
  if (data === undefined) throw new EncodeError("an image needs a URL or data", at);
  return `data:${requireMediaType(mediaType ?? imageMediaType(data), at)};base64,${data}`;
}

/** @throws {EncodeError} where neither the client nor the image's signature gave one. */
export function requireMediaType(mediaType: string | undefined, at: string): string {
  if (mediaType !== undefined) return mediaType;
  throw new EncodeError("the image's media type is not given and not recognised", at);
}

/** A message's parts as one text. @param refusal the error for a part that is no text. */
export function joinText(
  parts: readonly ContentPart[],
  at: string,
  refusal: (type: Exclude<ContentPart["type"], "text">) => string,
): string {
  const texts = parts.map((part, index) => {
    if (part.type === "text") return part.text;
    throw new EncodeError(refusal(part.type), `${at}.content[${index}]`);
  });
  return texts.join("\n");
}
