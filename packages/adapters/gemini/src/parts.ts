/** Media and documents in a message: inline, or by a URL that Google fetches. */
import { EncodeError, imageMediaType, requireMediaType } from "@headgate/adapter-kit";
import { type ContentPart, type JsonObject, present } from "@headgate/contract";
import type { ModelTraits } from "./model.ts";

type Media = Exclude<ContentPart, { readonly type: "text" }>;

/** https://ai.google.dev/gemini-api/docs/image-understanding#supported-formats */
const IMAGE_TYPES: Readonly<Record<string, string>> = {
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  webp: "image/webp",
  heic: "image/heic",
  heif: "image/heif",
};

/** @throws {EncodeError} at `at` for an unsupported part. */
export function encodePart(part: Media, traits: ModelTraits, at: string): JsonObject {
  if (part.type === "audio") {
    return { inlineData: { mimeType: `audio/${part.format}`, data: part.data } };
  }
  const what = part.type === "file" ? "documents" : "images";
  if (traits.gemma && part.type === "file") throw new EncodeError("Gemma takes no documents", at);
  if (part.data !== undefined) {
    const mimeType = requireMediaType(part.mediaType ?? imageMediaType(part.data), at);
    return { inlineData: { mimeType, data: part.data } };
  }
  const fileUri = part.url ?? "";
  // https://ai.google.dev/gemini-api/docs/file-input-methods
  if (traits.gemma || traits.generation < 2.5) {
    throw new EncodeError(
      `this model takes ${what} as base64 data only; the gateway does not fetch URLs`,
      at,
    );
  }
  if (!/^https:/i.test(fileUri)) throw new EncodeError(`Gemini fetches ${what} by https:// only`, at);
  const extension = /\.([a-z]+)(?:[?#]|$)/i.exec(fileUri)?.[1]?.toLowerCase() ?? "";
  const mimeType =
    part.mediaType ?? (Object.hasOwn(IMAGE_TYPES, extension) ? IMAGE_TYPES[extension] : undefined);
  return { fileData: present({ mimeType, fileUri }) };
}
