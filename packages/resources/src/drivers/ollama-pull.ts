/** Downloads a model into Ollama and tells how far it has come. https://docs.ollama.com/api/pull */
import { DriverError } from "../driver.ts";
import { type Answer, ask, parsed, type Target } from "./http.ts";
import { count, fields, text, words } from "./read.ts";

/** A digest of many gigabytes is checked in silence. */
const SILENCE_MS = 300_000;
const MAX_LINE_BYTES = 64 * 1024;
const MAX_AHEAD = 64;

export interface PullProgress {
  /** Ollama's words, such as `pulling manifest`, `pulling 6a0746a1ec1a`, `verifying sha256 digest`, `success`. */
  readonly status: string;
  /** Bytes of the layer that `status` names. */
  readonly completed: number | undefined;
  readonly total: number | undefined;
}

/**
 * Yields each step; ends after `success`. Leaving the loop early breaks the download off, and pulling again resumes it.
 *
 * @throws {DriverError} `missing` when the registry has no such model, `unreachable`, or `failed`.
 */
export async function* pullOllamaModel(
  target: Target & { readonly silenceMs?: number | undefined },
  model: string,
  signal: AbortSignal,
): AsyncGenerator<PullProgress, void, void> {
  const timeoutMs = target.silenceMs ?? SILENCE_MS;
  const leave = new AbortController();
  const both = AbortSignal.any([signal, leave.signal]);
  const queue: PullProgress[] = [];
  let wake = Promise.withResolvers<void>();
  let room = Promise.withResolvers<void>();
  let failure: { readonly error: unknown } | undefined;
  let over = false;

  const read = async ({ status, body }: Answer, stillThere: () => void): Promise<void> => {
    let succeeded = false;
    for await (const line of lines(body, stillThere)) {
      const json = parsed(line);
      const step = fields(json);
      if (status !== 200 || step.error !== undefined) throw refused(target, model, status, json, line);
      const said = text(step.status);
      if (said === undefined) throw fail(target, model, "it answered something that is not progress");
      succeeded = said === "success";
      queue.push({ status: said, completed: count(step.completed), total: count(step.total) });
      wake.resolve();
      // A reader that is slow holds the connection up, not the memory.
      if (queue.length >= MAX_AHEAD && !both.aborted) await room.promise;
    }
    if (status !== 200) throw refused(target, model, status, undefined, "");
    if (!succeeded)
      throw fail(target, model, "its answer ended before the download did; pull again to resume");
  };
  const question = { method: "POST", path: "/api/pull", body: { model, stream: true }, timeoutMs } as const;
  const done = ask(target, question, both, read)
    .catch((error: unknown) => {
      failure = { error };
    })
    .finally(() => {
      over = true;
      wake.resolve();
    });

  try {
    for (;;) {
      const step = queue.shift();
      if (step !== undefined) {
        room.resolve();
        room = Promise.withResolvers();
        yield step;
      } else if (over) break;
      else {
        await wake.promise;
        wake = Promise.withResolvers();
      }
    }
    if (failure !== undefined) throw failure.error;
  } finally {
    leave.abort();
    room.resolve();
    await done;
  }
}

const fail = ({ backend }: Target, model: string, why: string): DriverError =>
  new DriverError("failed", `${backend}: pull ${model}: ${why}`);

function refused(target: Target, model: string, status: number, json: unknown, line: string): DriverError {
  const said = words(json, line, target.token);
  const kind = status === 404 || /file does not exist|not found/i.test(said) ? "missing" : "failed";
  const answer = said === "" ? `answered ${status}` : said;
  return new DriverError(kind, `${target.backend}: pull ${model}: ${answer}`);
}

async function* lines(body: AsyncIterable<Buffer>, stillThere: () => void): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of body) {
    stillThere();
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10)) {
      const line = rest.subarray(0, end).toString("utf8").trim();
      rest = rest.subarray(end + 1);
      if (line !== "") yield line;
    }
    if (rest.length > MAX_LINE_BYTES) throw new DriverError("failed", "a line of its answer does not end");
  }
  const last = rest.toString("utf8").trim();
  if (last !== "") yield last;
}
