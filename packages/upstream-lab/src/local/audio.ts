/** Audio of the speech fakes: bytes that follow from the request alone. */
import { asText, type JsonObject, type JsonValue } from "../json.ts";

const SAMPLE_RATE = 24_000;
/** Per character of text, so that longer texts are longer. */
const SAMPLES_PER_CHARACTER = 120;

interface Format {
  readonly type: string;
  /** The first bytes of a file of the format. */
  readonly magic: Buffer;
}

export const SPEECH_FORMATS: Readonly<Record<string, Format>> = {
  mp3: { type: "audio/mpeg", magic: Buffer.from("ID3\u0003\0\0\0\0\0\0", "latin1") },
  opus: { type: "audio/ogg", magic: Buffer.from("OggS") },
  aac: { type: "audio/aac", magic: Buffer.from([0xff, 0xf1, 0x50, 0x80]) },
  flac: { type: "audio/flac", magic: Buffer.from("fLaC") },
  wav: { type: "audio/wav", magic: Buffer.alloc(0) },
  pcm: { type: "application/octet-stream", magic: Buffer.alloc(0) },
};

/** A tone whose pitch is the voice and whose length is the text. Only wav and pcm can be played. */
export function speech(text: string, voice: string, format: string): Buffer {
  const pitch = 200 + ([...voice].reduce((sum, letter) => sum + letter.charCodeAt(0), 0) % 400);
  const samples = Buffer.alloc(text.length * SAMPLES_PER_CHARACTER * 2);
  for (let index = 0; index < samples.length / 2; index += 1) {
    const value = Math.sin((2 * Math.PI * pitch * index) / SAMPLE_RATE);
    samples.writeInt16LE(Math.round(value * 8_000), index * 2);
  }
  if (format === "wav") return wav(samples, 1);
  return Buffer.concat([SPEECH_FORMATS[format]?.magic ?? Buffer.alloc(0), samples]);
}

/** 16-bit samples, channels interleaved, as a WAV file. */
export function wav(samples: Buffer, channels: number, sampleRate: number = SAMPLE_RATE): Buffer {
  const head = Buffer.alloc(44);
  head.write("RIFF", 0, "latin1");
  head.writeUInt32LE(36 + samples.length, 4);
  head.write("WAVEfmt ", 8, "latin1");
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(channels, 22);
  head.writeUInt32LE(sampleRate, 24);
  head.writeUInt32LE(sampleRate * channels * 2, 28);
  head.writeUInt16LE(channels * 2, 32);
  head.writeUInt16LE(16, 34);
  head.write("data", 36, "latin1");
  head.writeUInt32LE(samples.length, 40);
  return Buffer.concat([head, samples]);
}

/** `undefined`: no WAV file. */
export function readWav(file: Buffer): { readonly channels: number; readonly seconds: number } | undefined {
  if (file.length < 44 || file.toString("latin1", 0, 4) !== "RIFF") return undefined;
  const perSecond = file.readUInt32LE(28);
  return { channels: file.readUInt16LE(22), seconds: perSecond === 0 ? 0 : (file.length - 44) / perSecond };
}

export interface Transcript {
  readonly text: string;
  readonly language: string;
  readonly seconds: number;
  readonly segments: readonly Segment[];
}

interface Segment {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly channel?: "L" | "R";
}

/** Two segments of half the length each; with two channels, one for each of them. */
export function transcript(name: string, file: Buffer, language: string, diarization: boolean): Transcript {
  const seconds = readWav(file)?.seconds ?? file.length / 32_000;
  const half = seconds / 2;
  const texts = [`You sent ${name}`, `of ${file.length} bytes.`];
  const segments = texts.map((text, index) => ({
    start: round(index * half),
    end: round((index + 1) * half),
    text,
    ...(diarization ? { channel: index === 0 ? ("L" as const) : ("R" as const) } : {}),
  }));
  return { text: texts.join(" "), language, seconds: round(seconds), segments };
}

const round = (seconds: number): number => Math.round(seconds * 1000) / 1000;

export const TRANSCRIPT_FORMATS: Readonly<
  Record<string, { readonly type: string; write(transcript: Transcript): string | JsonObject }>
> = {
  json: { type: "application/json", write: ({ text }) => ({ text }) },
  text: { type: "text/plain; charset=utf-8", write: ({ text }) => `${text}\n` },
  verbose_json: { type: "application/json", write: verbose },
  srt: { type: "application/x-subrip", write: ({ segments }) => segments.map(srtCue).join("\n") },
  vtt: {
    type: "text/vtt; charset=utf-8",
    write: ({ segments }) => `WEBVTT\n\n${segments.map(vttCue).join("\n")}`,
  },
};

function verbose({ text, language, seconds, segments }: Transcript): JsonObject {
  const words = segments.flatMap(({ start, end, text, channel }): JsonValue[] => {
    const all = text.split(" ");
    const each = (end - start) / all.length;
    return all.map((word, index) => ({
      word,
      start: round(start + index * each),
      end: round(start + (index + 1) * each),
      ...(channel === undefined ? {} : { channel }),
    }));
  });
  const listed = segments.map((segment, id) => ({ id, ...segment }));
  return { task: "transcribe", language, duration: seconds, text, segments: listed, words };
}

const clock = (seconds: number, comma: string): string =>
  new Date(Math.round(seconds * 1000)).toISOString().slice(11, 23).replace(".", comma);

const labelled = ({ channel, text }: Segment): string =>
  channel === undefined ? text : `[${channel}] ${text}`;

const srtCue = (segment: Segment, index: number): string =>
  `${index + 1}\n${clock(segment.start, ",")} --> ${clock(segment.end, ",")}\n${labelled(segment)}\n`;

const vttCue = (segment: Segment): string =>
  `${clock(segment.start, ".")} --> ${clock(segment.end, ".")}\n${labelled(segment)}\n`;

/** The fields and the file of a multipart body. `undefined`: it is none. */
export async function readForm(
  body: Buffer,
  contentType: string | undefined,
): Promise<
  { readonly fields: JsonObject; readonly file: { name: string; bytes: Buffer } | undefined } | undefined
> {
  if (contentType === undefined || !contentType.startsWith("multipart/form-data")) return undefined;
  const response = new Response(new Uint8Array(body), { headers: { "content-type": contentType } });
  const form = await response.formData().catch(() => undefined);
  if (form === undefined) return undefined;
  const fields: Record<string, JsonValue> = {};
  for (const [name, value] of form) if (typeof value === "string") fields[name] = value;
  const file = form.get("file");
  if (file === null || typeof file === "string") return { fields, file: undefined };
  return { fields, file: { name: file.name, bytes: Buffer.from(await file.arrayBuffer()) } };
}

export const isTrue = (value: JsonValue | undefined): boolean =>
  ["true", "1", "yes", "on"].includes(asText(value).trim().toLowerCase());
