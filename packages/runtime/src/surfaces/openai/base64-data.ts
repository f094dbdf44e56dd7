/** Data that comes inside a request, as base64. */
import { isObject } from "@headgate/adapter-kit";
import type { JsonValue } from "@headgate/contract";
import { badRequest } from "../../http/client-error.ts";

export const DATA_URL = /^data:([a-z0-9.+/-]+);base64,/i;
export const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** @throws {ClientError} 400 for a part of a chat message whose data is not base64; other faults are found when it is decoded */
export function checkPartData(part: JsonValue, path: string): void {
  if (!isObject(part)) return;
  const { image_url: image, file, input_audio: audio } = part;
  checkUrl(isObject(image) ? image.url : image, `${path}.image_url.url`, "image");
  if (isObject(file)) checkUrl(file.file_data, `${path}.file.file_data`, "file");
  if (isObject(audio) && typeof audio.data === "string" && !BASE64.test(audio.data))
    throw badRequest("The audio's data is not base64.", `${path}.input_audio.data`);
}

function checkUrl(url: JsonValue | undefined, path: string, what: string): void {
  if (typeof url !== "string" || !url.startsWith("data:")) return;
  const head = DATA_URL.exec(url.slice(0, 200));
  if (head !== null && !BASE64.test(url.slice(head[0].length)))
    throw badRequest(`The ${what}'s data is not base64.`, path);
}
