/** A speech server in OpenAI's words in front of espeak-ng: speech, voices, models, health. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { runEspeak } from "./run.ts";
import { finishedWav, samplesOf, speechJob, type Voice, voicesOf } from "./speech.ts";

const MAX_BODY_BYTES = 64 * 1024;
/** The fragment's concurrency limit. */
const MAX_JOBS = 4;

export function espeakServer(): Server {
  let jobs = 0;
  let voices: readonly Voice[] | undefined;

  const speak = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readJson(request);
    if (body === "too-large") return fail(response, 413, "The body is too large.", "input");
    const read = speechJob(body);
    if ("refused" in read)
      return fail(response, read.refused.status, read.refused.message, read.refused.param);
    if (jobs >= MAX_JOBS) {
      response.setHeader("retry-after", "1");
      return fail(response, 429, `${MAX_JOBS} texts are being spoken; try again.`, null, "rate_limit_error");
    }
    jobs += 1;
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    const { job } = read;
    const spoken = await runEspeak(job.args, job.text, gone.signal);
    jobs -= 1;
    if (gone.signal.aborted) return;
    if (!spoken.ok) {
      const wrongVoice = /voice/i.test(spoken.why);
      return fail(response, wrongVoice ? 400 : 500, spoken.why, wrongVoice ? "voice" : null);
    }
    const wav = finishedWav(spoken.bytes);
    if (wav === undefined) return fail(response, 500, "espeak-ng gave something that is no sound.", null);
    const sound = job.format === "wav" ? wav : samplesOf(wav);
    response
      .writeHead(200, {
        "content-type": job.format === "wav" ? "audio/wav" : "audio/pcm",
        "content-length": sound.length,
      })
      .end(sound);
  };

  const listVoices = async (response: ServerResponse): Promise<void> => {
    if (voices === undefined) {
      const listed = await runEspeak(["--voices"], "", AbortSignal.timeout(5000));
      if (!listed.ok) return fail(response, 500, listed.why, null);
      voices = voicesOf(listed.bytes.toString("utf8"));
    }
    json(response, 200, { voices });
  };

  return createServer((request, response) => {
    const { method = "", url = "" } = request;
    const path = url.split("?")[0];
    const run = (): Promise<void> | void => {
      if (method === "POST" && path === "/v1/audio/speech") return speak(request, response);
      if (method === "GET" && path === "/v1/audio/voices") return listVoices(response);
      if (method === "GET" && path === "/v1/models")
        return json(response, 200, { object: "list", data: [{ id: "espeak-ng", object: "model" }] });
      if (method === "GET" && path === "/health") return json(response, 200, { status: "ok" });
      return fail(response, 404, `There is no ${method} ${String(path).slice(0, 100)} here.`, null);
    };
    Promise.resolve(run()).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else fail(response, 500, error instanceof Error ? error.message : String(error), null);
    });
  });
}

function json(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}

function fail(
  response: ServerResponse,
  status: number,
  message: string,
  param: string | null,
  type = status < 500 ? "invalid_request_error" : "server_error",
): void {
  json(response, status, { error: { message, type, param, code: null } });
}

/** What cannot be read as JSON is `undefined`. */
async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return "too-large";
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    return undefined;
  }
}
