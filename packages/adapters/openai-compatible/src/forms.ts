/** Requests with a file: transcriptions, translations, image edits and variations. */

import {
  asObject,
  type BodyVerdict,
  dialectOf,
  type Form,
  type FormCodec,
  isObject,
  parseJson,
  type Target,
} from "@headgate/adapter-kit";
import { type JsonObject, ownValue, present, type Usage } from "@headgate/contract";
import { answerError, inspectList } from "./inspect.ts";
import { readResponseUsage } from "./responses-usage.ts";

/** Replaces the model and applies the dialect's `drop` and `rename` to the form's fields. */
function addressForm(form: Form, target: Target): { form: Form; dropped: string[] } {
  const { drop, rename } = dialectOf(target);
  const dropped = new Set<string>();
  const fields: [string, string][] = [["model", target.deployment.upstream]];
  for (const [name, value] of form.fields) {
    if (name === "model") continue;
    if (drop.includes(name)) dropped.add(name);
    else fields.push([ownValue(rename, name) ?? name, value]);
  }
  return { form: { fields, files: form.files }, dropped: [...dropped] };
}

const formCodec = (wire: string, folder: string, inspect: FormCodec["inspect"]): FormCodec => ({
  wire,
  encode: (form, target, route) => ({ path: `/${folder}/${route}`, ...addressForm(form, target) }),
  inspect,
});

const isJson = (contentType: string | undefined): boolean => /\bjson\b/i.test(contentType ?? "");

/** Plain text, SRT and VTT are not checked; JSON must hold a text and no error. */
function inspectTranscript(bytes: Buffer, contentType: string | undefined): BodyVerdict {
  if (!isJson(contentType)) {
    const page = /^\s*<(!doctype|html)/i.test(bytes.toString("latin1", 0, 64));
    return page ? { ok: false, error: answerError(bytes, "a transcript") } : { ok: true };
  }
  const body = parseJson(bytes.toString("utf8"));
  const fits = isObject(body) && (typeof body.text === "string" || Array.isArray(body.segments));
  if (!fits) return { ok: false, error: answerError(bytes, "a transcript") };
  return { ok: true, ...present({ usage: readResponseUsage(body.usage) ?? soundUsage(body) }) };
}

/** Seconds are counted, or stated as the length of the recording. */
function soundUsage(body: JsonObject): Usage | undefined {
  const counted = asObject(body.usage);
  const seconds = counted?.type === "duration" ? counted.seconds : body.duration;
  const soundS = typeof seconds === "string" ? Number(seconds) : seconds;
  if (typeof soundS !== "number" || !(soundS >= 0 && soundS < MAX_SOUND_S)) return undefined;
  return { inputTokens: 0, outputTokens: 0, soundS };
}

/** A month: more is no length of a recording. */
const MAX_SOUND_S = 2_678_400;

export const TRANSCRIPTION = formCodec("openai-audio", "audio", inspectTranscript);
export const IMAGE_FORM = formCodec("openai-images", "images", (bytes) =>
  inspectList(bytes, "data", "images"),
);
