/** Speech by espeak-ng: a request in OpenAI's words to a command line, and its answer to wav or pcm. Pure. */

/** https://platform.openai.com/docs/api-reference/audio/createSpeech */
const MAX_INPUT = 4096;
const SPEED = { min: 0.25, max: 4 } as const;
/** espeak-ng's own default, in words a minute: a speed of 1. */
const WORDS_PER_MINUTE = 175;
/** Its slowest rate. */
const MIN_WORDS_PER_MINUTE = 80;

export interface SpeechJob {
  readonly args: readonly string[];
  readonly text: string;
  readonly format: "wav" | "pcm";
}

export interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly param: string;
}

/** OpenAI's voices, which clients have built in, as variants of one speaker. */
const KNOWN_VOICES: Readonly<Record<string, string>> = {
  alloy: "en-us",
  ash: "en-us+m2",
  ballad: "en-gb+m4",
  coral: "en-us+f4",
  echo: "en-us+m3",
  fable: "en-gb+m1",
  nova: "en-us+f2",
  onyx: "en-us+m7",
  sage: "en-gb+f1",
  shimmer: "en-us+f3",
  verse: "en-us+m5",
};

const refuse = (param: string, message: string, status = 400): { readonly refused: Refusal } => ({
  refused: { status, message, param },
});

/** A voice's name as espeak-ng has it, with a variant: nothing that could be an option or a path. */
const VOICE = /^[A-Za-z][A-Za-z0-9-]{0,40}(\+[A-Za-z0-9_-]{1,20})?$/;

/** @param body the request's JSON, whatever it is */
export function speechJob(body: unknown): { readonly job: SpeechJob } | { readonly refused: Refusal } {
  if (typeof body !== "object" || body === null || Array.isArray(body))
    return refuse("body", "The body must be a JSON object.");
  const {
    input,
    voice = "en-us",
    speed = 1,
    response_format: format = "wav",
  } = body as Record<string, unknown>;
  if (typeof input !== "string" || input.trim() === "")
    return refuse("input", "`input` must be a text that is not empty.");
  if (input.length > MAX_INPUT)
    return refuse("input", `\`input\` has ${input.length} characters; at most ${MAX_INPUT} are spoken.`);
  if (typeof voice !== "string" || !VOICE.test(voice))
    return refuse("voice", "`voice` must be the name of a voice; GET /v1/audio/voices lists them.");
  if (typeof speed !== "number" || !(speed >= SPEED.min && speed <= SPEED.max))
    return refuse("speed", `\`speed\` must be a number from ${SPEED.min} to ${SPEED.max}.`);
  if (format !== "wav" && format !== "pcm") {
    return refuse(
      "response_format",
      `espeak-ng gives wav and pcm, not ${JSON.stringify(format)?.slice(0, 40)}.`,
    );
  }
  const words = Math.max(MIN_WORDS_PER_MINUTE, Math.round(WORDS_PER_MINUTE * speed));
  const known = Object.hasOwn(KNOWN_VOICES, voice) ? KNOWN_VOICES[voice] : undefined;
  return {
    job: {
      args: ["--stdin", "--stdout", "-b", "1", "-s", String(words), "-v", known ?? voice],
      text: input,
      format,
    },
  };
}

/** espeak-ng writes to a pipe before the sound's length is known, and states the greatest length. */
export function finishedWav(wav: Buffer): Buffer | undefined {
  if (wav.length < 44 || wav.toString("latin1", 0, 4) !== "RIFF" || wav.toString("latin1", 8, 12) !== "WAVE")
    return undefined;
  const dataAt = wav.indexOf("data", 12, "latin1");
  if (dataAt === -1 || dataAt + 8 > wav.length) return undefined;
  const finished = Buffer.from(wav);
  finished.writeUInt32LE(wav.length - 8, 4);
  finished.writeUInt32LE(wav.length - dataAt - 8, dataAt + 4);
  return finished;
}

/** The samples alone: 16 bits, little-endian, mono. @param wav as `finishedWav` gives it */
export const samplesOf = (wav: Buffer): Buffer => wav.subarray(wav.indexOf("data", 12, "latin1") + 8);

export interface Voice {
  /** What `voice` is. */
  readonly voice: string;
  readonly model: string;
  readonly default: boolean;
  readonly name: string;
}

/** `espeak-ng --voices`: columns of priority, language, age and gender, name, file, others. */
export function voicesOf(listing: string): Voice[] {
  const found = new Map<string, Voice>();
  for (const line of listing.split("\n").slice(1)) {
    const [, language, , name = ""] = line.trim().split(/\s+/);
    if (language === undefined || !VOICE.test(language) || found.has(language)) continue;
    found.set(language, {
      voice: language,
      model: "espeak-ng",
      default: language === "en-us",
      name: name.replaceAll("_", " "),
    });
  }
  return [...found.values()];
}
