/** Media in a part: inline, or by its address. https://ai.google.dev/api/caching#Blob */
import { type ContentPart, type JsonObject, ownValue } from "@headgate/contract";
import { badRequest } from "../../http/client-error.ts";
import { textField } from "../field-readers.ts";
import { type Notes, requiredText } from "./fields.ts";

/** Bytes in proto JSON may be of either alphabet. */
const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;
/** Codecs whose media type is not their short name. */
const FORMATS: Readonly<Record<string, string>> = {
  mpeg: "mp3",
  "x-wav": "wav",
  wave: "wav",
  "vnd.wave": "wav",
  "x-flac": "flac",
};

/** Document types that other wires take too. */
const DOCUMENTS: ReadonlySet<string> = new Set(["application/pdf"]);

/** Empty for what only Gemini takes, which is noted. */
export function decodeBlob(blob: JsonObject, path: string, notes: Notes): ContentPart[] {
  const mediaType = requiredText(blob, "mimeType", `${path}.mimeType`).toLowerCase();
  const given = requiredText(blob, "data", `${path}.data`);
  if (!BASE64.test(given)) throw badRequest("`data` must be base64.", `${path}.data`);
  const data = given.replaceAll("-", "+").replaceAll("_", "/");
  const [kind, format = ""] = (mediaType.split(";")[0] ?? "").split("/");
  if (kind === "image") return [{ type: "image", data, mediaType }];
  if (kind === "audio") return [{ type: "audio", data, format: ownValue(FORMATS, format) ?? format }];
  if (kind === "text") return [{ type: "text", text: Buffer.from(data, "base64").toString("utf8") }];
  if (DOCUMENTS.has(mediaType)) return [{ type: "file", data, mediaType }];
  notes.refuse(`Inline data of the type ${mediaType}`, path);
  return [];
}

/** Google's file stores, which no other provider can read. */
const STORES = /^(?:gs:|https:\/\/(?:[a-z0-9-]+\.)*(?:googleapis\.com|youtube\.com|youtu\.be)\/)/i;

export function decodeFile(file: JsonObject, path: string, notes: Notes): ContentPart[] {
  const url = requiredText(file, "fileUri", `${path}.fileUri`);
  const mediaType = textField(file, "mimeType", `${path}.mimeType`)?.toLowerCase();
  if (mediaType !== undefined && /^https?:\/\//i.test(url) && !STORES.test(url)) {
    if (mediaType.startsWith("image/")) return [{ type: "image", url, mediaType }];
    if (DOCUMENTS.has(mediaType)) return [{ type: "file", url, mediaType }];
  }
  notes.refuse("A file that only Google can read", path);
  return [];
}
