/**
 * talkies, with memory that runs out. https://github.com/psyb0t/docker-talkies/blob/master/docs/api.md
 *
 * One model at a time: a job for another one unloads an idle one, and is refused while one runs. It never queues.
 */
import { asText, type JsonObject } from "../json.ts";
import {
  isTrue,
  readForm,
  readWav,
  SPEECH_FORMATS,
  speech,
  TRANSCRIPT_FORMATS,
  transcript,
} from "./audio.ts";
import {
  type LocalBackend,
  type LocalBackendOptions,
  type LocalCall,
  type LocalReply,
  modelOf,
  Refusal,
  startBackend,
} from "./backend.ts";
import type { FakeModel } from "./residents.ts";

export interface FakeTalkiesOptions extends LocalBackendOptions {
  /** TALKIES_AUTH_TOKEN. */
  readonly token?: string;
}

const refuse = (status: number, detail: string): Refusal => new Refusal(status, { detail });
const DEFAULT_VOICES = ["af_heart", "bm_george"];
const voicesOf = ({ voices = DEFAULT_VOICES }: FakeModel): readonly string[] => voices;

/** Models have the operation `speech` or `transcription` (the default). */
export function startTalkies(options: FakeTalkiesOptions): Promise<LocalBackend> {
  const { machine, token } = options;
  return startBackend(options, {
    kind: "talkies",
    outOfMemory: ({ message }) => ({ status: 500, body: { detail: message } }),
    route: ({ residents }) => {
      /** Running jobs, those whose model is still loading included. */
      const active = new Map<string, number>();
      const at = (id: string): number => active.get(id) ?? 0;
      let stale: JsonObject | undefined;

      const job = async (call: LocalCall, id: string, reply: LocalReply): Promise<undefined> => {
        const { parallel = 1 } = residents.models.get(id) ?? {};
        if ([...active].some(([other, count]) => other !== id && count > 0)) {
          throw refuse(409, "another model has active inference requests");
        }
        if (at(id) >= parallel) throw refuse(429, `model concurrency limit reached (${parallel})`);
        active.set(id, at(id) + 1);
        try {
          for (const { model } of residents.residents) if (model !== id) residents.remove(model);
          const resident = await residents.load(id);
          await residents.job(resident, call.gone, () => call.send(reply));
        } finally {
          active.set(id, at(id) - 1);
        }
        return undefined;
      };

      const known = (id: string, operation: "speech" | "transcription"): FakeModel => {
        const model = modelOf(residents, id, () => refuse(404, `unknown model '${id}'`));
        const { operation: own = "transcription" } = model;
        if (own !== operation) throw refuse(400, `model '${id}' is not for ${operation}`);
        return model;
      };

      const synthesise = (call: LocalCall): Promise<undefined> => {
        const { body } = call;
        const id = asText(body.model);
        const voices = voicesOf(known(id, "speech"));
        const voice = asText(body.voice) || asText(voices[0]);
        if (!voices.includes(voice)) throw refuse(400, `unknown voice '${voice}' for model '${id}'`);
        const format = asText(body.response_format).toLowerCase() || "mp3";
        const type = SPEECH_FORMATS[format]?.type;
        if (type === undefined) throw refuse(400, `unsupported response_format '${format}'`);
        const input = asText(body.input);
        if (input.trim() === "") throw refuse(400, "input text is empty");
        const rate = format === "pcm" ? { "x-sample-rate": "24000" } : {};
        const headers = { "content-type": type, ...rate };
        return job(call, id, { status: 200, headers, body: speech(input, voice, format) });
      };

      const transcribe = async (call: LocalCall): Promise<undefined> => {
        const form = await readForm(call.rawBody, call.headers["content-type"]);
        if (form === undefined) throw refuse(422, "the body is not multipart/form-data");
        const { fields, file } = form;
        const path = asText(fields.file_path);
        if ((file === undefined) === (path === ""))
          throw refuse(400, "must specify exactly one of `file` or `file_path`");
        const id = asText(fields.model);
        known(id, "transcription");
        const format = asText(fields.response_format) || "json";
        const writer = TRANSCRIPT_FORMATS[format];
        if (writer === undefined) throw refuse(400, `unsupported response_format '${format}'`);
        const bytes = file?.bytes ?? Buffer.from(path);
        const diarization = isTrue(fields.diarization);
        if (diarization && readWav(bytes)?.channels !== 2)
          throw refuse(400, "diarization needs 2-channel audio");
        const transcribed = transcript(
          file?.name ?? path,
          bytes,
          asText(fields.language) || "en",
          diarization,
        );
        const written = writer.write(transcribed);
        const body = Buffer.from(typeof written === "string" ? written : JSON.stringify(written));
        return job(call, id, { status: 200, headers: { "content-type": writer.type }, body });
      };

      const running = (): JsonObject => ({
        models: residents.residents
          .filter(({ loaded }) => loaded)
          .map(({ model, usedAtMs, spec }) => ({
            id: model,
            repo: model,
            loaded: true,
            idle_seconds: (machine.clock.nowMs() - usedAtMs) / 1000,
            active_requests: at(model),
            max_concurrency: spec.parallel ?? 1,
          })),
      });

      const unloadOne = (id: string): LocalReply => {
        if (!residents.models.has(id)) throw refuse(404, `unknown model '${id}'`);
        if (residents.get(id)?.loaded !== true) throw refuse(404, "not loaded");
        if (at(id) > 0) throw refuse(409, "model has active inference requests");
        residents.unload(id);
        return { status: 200, body: { unloaded: id } };
      };

      const unloadAll = (): LocalReply => {
        if ([...active.values()].some((count) => count > 0))
          throw refuse(409, "models have active inference requests");
        const unloaded = residents.residents.map(({ model }) => model);
        for (const model of unloaded) residents.unload(model);
        return { status: 200, body: { unloaded } };
      };

      const listing = (path: string): JsonObject | undefined => {
        const entries = [...residents.models];
        if (path === "/v1/models") {
          return {
            object: "list",
            data: entries.map(([id, { operation, parallel = 1 }]) => ({
              id,
              object: "model",
              owned_by: "talkies",
              modality: operation === "speech" ? "tts" : "asr",
              max_concurrency: parallel,
            })),
          };
        }
        if (path !== "/v1/audio/voices") return undefined;
        const speaking = entries.filter(([, { operation }]) => operation === "speech");
        return {
          voices: speaking.flatMap(([model, spec]) =>
            voicesOf(spec).map((voice, index) => ({ voice, model, default: index === 0 })),
          ),
        };
      };

      return async (call) => {
        const { method, path } = call;
        if (path === "/healthz")
          return { status: 200, body: { ok: true, device: "cuda", models: [...residents.models.keys()] } };
        if (token !== undefined && call.headers.authorization !== `Bearer ${token}`) {
          throw refuse(401, "invalid or missing bearer token");
        }
        if (method === "GET" && path === "/api/ps") {
          stale = residents.lies.list === "stale" ? (stale ?? running()) : undefined;
          return { status: 200, body: stale ?? running() };
        }
        const listed = method === "GET" ? listing(path) : undefined;
        if (listed !== undefined) return { status: 200, body: listed };
        if (method === "DELETE" && path.startsWith("/api/ps/")) {
          return unloadOne(decodeURIComponent(path.slice("/api/ps/".length)));
        }
        if (method === "POST" && path === "/unload") return unloadAll();
        if (method === "POST" && path === "/v1/audio/speech") return synthesise(call);
        if (method === "POST" && path === "/v1/audio/transcriptions") return transcribe(call);
        throw refuse(404, "Not Found");
      };
    },
  });
}
