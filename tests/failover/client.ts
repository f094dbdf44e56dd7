/** A plain client of OpenAI's chat wire: no retries, lenient towards an event that is not JSON, strict towards an error event. */

export interface Answer {
  readonly ok: boolean;
  /** The client's own bound ended the call. */
  readonly hung: boolean;
  readonly text: string;
  readonly elapsedS: number;
  readonly error?: string;
  readonly reportedModel?: string;
  readonly hasUsage: boolean;
}

export interface Call {
  readonly url: string;
  readonly key: string;
  readonly body: Readonly<Record<string, unknown>>;
  /** Without a byte for so long it gives up with an error; a second later in all, the call counts as a hang. */
  readonly limitS: number;
  /** Ends the call from outside. */
  readonly signal: AbortSignal;
}

interface Chunk {
  readonly model?: string;
  readonly usage?: object | null;
  readonly error?: unknown;
  readonly choices?: readonly {
    readonly delta?: { readonly content?: string | null };
    readonly message?: { readonly content?: string | null };
  }[];
}

/** What was read so far; an answer that breaks off keeps it. */
class Reading {
  text = "";
  hasUsage = false;
  reportedModel: string | undefined;

  add({ model, usage, choices = [] }: Chunk): void {
    this.reportedModel = model || this.reportedModel;
    if (usage) this.hasUsage = true;
    for (const { delta, message } of choices) this.text += delta?.content ?? message?.content ?? "";
  }
}

const messageOf = (error: unknown): string => {
  const { message } = (error ?? {}) as { message?: unknown };
  return typeof message === "string" ? message : JSON.stringify(error);
};

/** One chat completion, as a stream where the body asks for one. */
export async function callChat({ url, key, body, limitS, signal }: Call): Promise<Answer> {
  const startMs = performance.now();
  const limitMs = limitS * 1000;
  const bounds = new AbortController();
  const silent = setTimeout(() => bounds.abort(new Error(`no byte for ${limitS} s`)), limitMs);
  const hang = setTimeout(() => bounds.abort(new Hang(limitS)), limitMs + 1000);
  const reading = new Reading();
  const end = (error?: unknown): Answer => ({
    ok: error === undefined,
    hung: error instanceof Hang,
    text: reading.text,
    elapsedS: (performance.now() - startMs) / 1000,
    hasUsage: reading.hasUsage,
    ...(reading.reportedModel === undefined ? {} : { reportedModel: reading.reportedModel }),
    ...(error === undefined ? {} : { error: error instanceof Error ? textOf(error) : String(error) }),
  });
  try {
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.any([signal, bounds.signal]),
    });
    if (response.status !== 200) return end(`HTTP ${response.status}: ${errorText(await response.text())}`);
    const touch = (): void => void silent.refresh();
    return end(
      await (body.stream === true ? readStream(response, reading, touch) : readWhole(response, reading)),
    );
  } catch (error) {
    signal.throwIfAborted();
    return end(error);
  } finally {
    clearTimeout(silent);
    clearTimeout(hang);
  }
}

class Hang extends Error {
  constructor(limitS: number) {
    super(`no result within ${limitS} s`);
  }
}

const textOf = (error: Error): string =>
  error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;

function errorText(body: string): string {
  try {
    return messageOf((JSON.parse(body) as Chunk).error);
  } catch {
    return body.slice(0, 200);
  }
}

async function readWhole(response: Response, reading: Reading): Promise<string | undefined> {
  const whole = (await response.json()) as Chunk;
  if (whole.error) return `HTTP 200 with an error: ${messageOf(whole.error)}`;
  reading.add(whole);
  return undefined;
}

/** @returns the error event, if one came; a stream that ends without [DONE] is read to its end */
async function readStream(
  response: Response,
  reading: Reading,
  touch: () => void,
): Promise<string | undefined> {
  if (response.body === null) return "HTTP 200 without a body";
  let pending = "";
  for await (const text of response.body.pipeThrough(new TextDecoderStream())) {
    touch();
    const lines = (pending + text).split(/\r?\n/);
    pending = lines.pop() ?? "";
    for (const line of lines) {
      if (!line.startsWith("data:")) continue;
      const data = line.slice(5).trim();
      if (data === "[DONE]") return undefined;
      const chunk = parsed(data);
      if (chunk?.error) return `an error event in the stream: ${messageOf(chunk.error)}`;
      if (chunk !== undefined) reading.add(chunk);
    }
  }
  return undefined;
}

function parsed(data: string): Chunk | undefined {
  try {
    return JSON.parse(data) as Chunk;
  } catch {
    return undefined;
  }
}
