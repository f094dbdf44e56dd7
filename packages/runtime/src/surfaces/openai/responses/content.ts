/** Parts of a message or of a tool's output as canonical parts. */
import { isObject } from "@headgate/adapter-kit";
import type { ContentPart, JsonObject, JsonValue } from "@headgate/contract";
import { badRequest, quoted } from "../../../http/client-error.ts";
import { isArray } from "../../../http/json-body.ts";
import { requiredText, unsupported } from "./fields.ts";

const DATA_URL = /^data:([a-z0-9.+/-]+);base64,/i;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** @param path the content's own, such as `input[2].content` */
export function decodeContent(content: JsonValue | undefined, path: string): readonly ContentPart[] {
  if (content === undefined || content === null || content === "") return [];
  if (typeof content === "string") return [{ type: "text", text: content }];
  if (!isArray(content)) throw badRequest("It must be a string or an array of parts.", path);
  return content.map((part, at) => decodePart(part, `${path}[${at}]`));
}

function decodePart(part: JsonValue, path: string): ContentPart {
  if (!isObject(part)) throw badRequest("A content part must be an object with a `type`.", path);
  switch (part.type) {
    case "input_text":
    case "output_text":
    case "text":
    case "summary_text":
    case "reasoning_text":
      return { type: "text", text: textOf(part, "text", path) };
    case "refusal":
      return { type: "text", text: textOf(part, "refusal", path) };
    case "input_image":
      return decodeImage(part, path);
    case "input_audio": {
      const audio = part.input_audio;
      if (!isObject(audio))
        throw badRequest("An audio part needs `data` and `format`.", `${path}.input_audio`);
      const at = `${path}.input_audio.`;
      const data = requiredText(audio, "data", at);
      if (!BASE64.test(data)) throw badRequest("The audio's data is not base64.", `${at}data`);
      return { type: "audio", data, format: requiredText(audio, "format", at) };
    }
    case "input_file":
      return decodeFile(part, path);
    default:
      throw badRequest(`There is no content part of the type ${quoted(part.type)}.`, `${path}.type`);
  }
}

function textOf(part: JsonObject, name: string, path: string): string {
  const text = part[name];
  if (typeof text === "string") return text;
  throw badRequest(`A part of the type ${quoted(part.type)} needs a \`${name}\`.`, `${path}.${name}`);
}

function decodeImage(part: JsonObject, path: string): ContentPart {
  if (typeof part.file_id === "string") {
    throw unsupported("Uploaded files are not kept here; send the image as `image_url`.", `${path}.file_id`);
  }
  const at = `${path}.image_url`;
  const url = part.image_url;
  if (typeof url !== "string") throw badRequest("An image part needs an `image_url`, a string.", at);
  const detail = typeof part.detail === "string" ? { detail: part.detail } : {};
  const head = DATA_URL.exec(url.slice(0, 200));
  if (head !== null) {
    const data = url.slice(head[0].length);
    if (!BASE64.test(data)) throw badRequest("The image's data is not base64.", at);
    return { type: "image", data, mediaType: head[1] ?? "", ...detail };
  }
  if (/^https?:\/\//i.test(url)) return { type: "image", url, ...detail };
  throw badRequest("An image URL must start with https://, http:// or data:<type>;base64,.", at);
}

/** The media type by a file's name, for a URL or bare base64. */
const MEDIA_TYPES: Readonly<Record<string, string>> = {
  csv: "text/csv",
  html: "text/html",
  json: "application/json",
  md: "text/markdown",
  pdf: "application/pdf",
  txt: "text/plain",
};

function decodeFile(part: JsonObject, path: string): ContentPart {
  if (typeof part.file_id === "string")
    throw unsupported("Uploaded files are not kept here; send the file as `file_data`.", `${path}.file_id`);
  const { file_data: file, file_url: url, filename } = part;
  const name = typeof filename === "string" ? { name: filename } : {};
  if (typeof url === "string") {
    const at = `${path}.file_url`;
    if (!URL.canParse(url) || !/^https?:/i.test(url))
      throw badRequest("A file's URL must start with https:// or http://.", at);
    return { type: "file", url, mediaType: mediaTypeOf(name.name ?? new URL(url).pathname, at), ...name };
  }
  const at = `${path}.file_data`;
  if (typeof file !== "string") throw badRequest("A file part needs `file_data` or `file_url`.", at);
  const head = DATA_URL.exec(file.slice(0, 200));
  const data = head === null ? file : file.slice(head[0].length);
  if (data === "" || !BASE64.test(data)) throw badRequest("The file's data is not base64.", at);
  return { type: "file", data, mediaType: head?.[1] ?? mediaTypeOf(name.name ?? "", at), ...name };
}

function mediaTypeOf(name: string, path: string): string {
  const extension = /\.([a-z0-9]{1,8})$/i.exec(name)?.[1]?.toLowerCase() ?? "";
  const type = Object.hasOwn(MEDIA_TYPES, extension) ? MEDIA_TYPES[extension] : undefined;
  if (type !== undefined) return type;
  throw badRequest(
    `The file's type is not known: send data:<type>;base64, or a \`filename\` that ends in .${Object.keys(MEDIA_TYPES).join(", .")}.`,
    path,
  );
}
