/** Downloading models at Ollama: https://docs.ollama.com/api/pull and https://docs.ollama.com/api/tags */
import { withTag } from "@headgate/contract";

/** Why a pull failed, in a clause. */
export class PullError extends Error {
  /** True when the backend does not answer at all. */
  readonly unreachable: boolean;
  constructor(message: string, unreachable = false) {
    super(message);
    this.name = "PullError";
    this.unreachable = unreachable;
  }
}

export interface PullProgress {
  /** Ollama's own name of the step, such as `pulling manifest`. */
  readonly status: string;
  readonly doneBytes: number;
  /** Of the parts that are known so far. */
  readonly totalBytes: number;
}

export interface PullInput {
  /** Where Ollama is, without a trailing slash. */
  readonly baseUrl: string;
  readonly model: string;
  readonly onProgress?: (progress: PullProgress) => void;
  readonly signal?: AbortSignal;
  /** Silence that ends it. */
  readonly idleMs?: number;
}

const IDLE_MS = 120_000;
const LIST_MS = 10_000;
/** Lines are a few hundred bytes; a longer one is something else. */
const MAX_LINE = 64 * 1024;
const MAX_WORDS = 300;

/** Names of the models that are there, with their tags. @throws {PullError} */
export async function listOllama(baseUrl: string, signal?: AbortSignal): Promise<ReadonlySet<string>> {
  const response = await reach(`${baseUrl}/api/tags`, {
    signal: AbortSignal.any([AbortSignal.timeout(LIST_MS), ...(signal === undefined ? [] : [signal])]),
  });
  if (!response.ok) throw new PullError(`its list of models answered HTTP ${response.status}`);
  const body: unknown = await response.json().catch(() => undefined);
  const models = isRecord(body) && Array.isArray(body.models) ? (body.models as unknown[]) : undefined;
  if (models === undefined) throw new PullError("what answers there is not Ollama");
  return new Set(
    models.flatMap((one) => (isRecord(one) && typeof one.name === "string" ? [withTag(one.name)] : [])),
  );
}

/** Resolves when the model is there. @returns the bytes that it takes, as far as they were reported @throws {PullError} */
export async function pullOllama({
  baseUrl,
  model,
  onProgress,
  signal,
  idleMs = IDLE_MS,
}: PullInput): Promise<number> {
  const idle = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const alive = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => idle.abort(new PullError(`it sent nothing for ${idleMs / 1000} s`)), idleMs);
  };
  alive();
  try {
    const response = await reach(`${baseUrl}/api/pull`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model, stream: true }),
      signal: AbortSignal.any([idle.signal, ...(signal === undefined ? [] : [signal])]),
    });
    if (!response.ok || response.body === null) {
      const text = await response.text().catch(() => "");
      throw new PullError(errorIn(text) ?? `it answered HTTP ${response.status}`);
    }
    const parts = new Map<string, { total: number; done: number }>();
    let last = "";
    const take = (line: string): void => {
      if (line.trim() === "") return;
      const event = parse(line);
      if (event === undefined) throw new PullError("what answers there is not Ollama");
      if (typeof event.error === "string") throw new PullError(event.error.slice(0, MAX_WORDS));
      last = typeof event.status === "string" ? event.status.slice(0, MAX_WORDS) : last;
      const { digest, total, completed } = event;
      if (typeof digest === "string" && isCount(total))
        parts.set(digest, { total, done: isCount(completed) ? Math.min(completed, total) : 0 });
      const sums = [...parts.values()];
      onProgress?.({
        status: last,
        doneBytes: sums.reduce((sum, { done }) => sum + done, 0),
        totalBytes: sums.reduce((sum, part) => sum + part.total, 0),
      });
    };
    let pending = "";
    const decoder = new TextDecoder();
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      alive();
      const lines = (pending + decoder.decode(chunk, { stream: true })).split("\n");
      pending = lines.pop() ?? "";
      if (pending.length > MAX_LINE) throw new PullError("what answers there is not Ollama");
      for (const line of lines) take(line);
    }
    take(pending);
    if (last !== "success") throw new PullError(`the download was cut${last === "" ? "" : ` at "${last}"`}`);
    return [...parts.values()].reduce((sum, { total }) => sum + total, 0);
  } catch (error) {
    throw inWords(idle.signal.aborted ? idle.signal.reason : error);
  } finally {
    clearTimeout(timer);
    idle.abort();
  }
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    throw inWords(error, true);
  }
}

function inWords(error: unknown, connecting = false): PullError {
  if (error instanceof PullError) return error;
  if (!(error instanceof Error)) return new PullError(String(error));
  if (error.name === "TimeoutError") return new PullError("it does not answer", true);
  if (error.name === "AbortError") return new PullError("it was interrupted");
  const cause = error.cause instanceof Error && "code" in error.cause ? String(error.cause.code) : undefined;
  if (connecting)
    return new PullError(`it cannot be reached${cause === undefined ? "" : ` (${cause})`}`, true);
  return new PullError(`the connection broke${cause === undefined ? "" : ` (${cause})`}`);
}

const errorIn = (text: string): string | undefined => {
  const error = parse(text)?.error;
  return typeof error === "string" ? error.slice(0, MAX_WORDS) : undefined;
};

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isCount = (value: unknown): value is number =>
  typeof value === "number" && Number.isFinite(value) && value >= 0;
