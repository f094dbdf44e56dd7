/** Images, speech and moderations from a JSON request: https://platform.openai.com/docs/api-reference/images, …/audio/createSpeech */
import { applyToClientBody, type BodyVerdict, dialectOf, type PassingCodec } from "@headgate/adapter-kit";
import { answerError, inspectList } from "./inspect.ts";

function passing(
  wire: string,
  path: string,
  accept: string,
  inspect: (bytes: Buffer) => BodyVerdict,
): PassingCodec {
  return {
    wire,
    encode(body, target) {
      const { bytes, dropped } = applyToClientBody(body, dialectOf(target), {
        model: JSON.stringify(target.deployment.upstream),
      });
      return { path, headers: { "content-type": "application/json", accept }, body: bytes, dropped };
    },
    inspect,
  };
}

export const IMAGE = passing("openai-images", "/images/generations", "application/json", (bytes) =>
  inspectList(bytes, "data", "images"),
);

/** https://platform.openai.com/docs/api-reference/moderations */
export const MODERATION = passing("openai-moderations", "/moderations", "application/json", (bytes) =>
  inspectList(bytes, "results", "a moderation"),
);

/** A JSON document in place of audio is always an error. */
export const SPEECH = passing("openai-speech", "/audio/speech", "*/*", (bytes) => ({
  ok: false,
  error: answerError(bytes, "audio"),
}));
