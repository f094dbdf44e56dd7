/** A file of requests as the gateway takes it: lines in OpenAI's form, and bodies alone, which get an id and a model. */

import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { createInterface } from "node:readline";
import { finished } from "node:stream/promises";
import { Failure } from "../cli.ts";

/** What the lines of one model ask for together. */
export interface ModelWork {
  readonly model: string;
  requests: number;
  inputTokens: number;
  outputTokens: number;
}

export interface Written {
  readonly lines: number;
  readonly endpoint: string;
  readonly work: readonly ModelWork[];
}

const CHARS_PER_TOKEN = 4;
/** Of an answer, where its request states no bound. */
export const ANSWER_TOKENS = 300;

type Json = Readonly<Record<string, unknown>>;

/**
 * @param model of the lines that name none
 * @throws {Failure} where the file cannot be read, or a line names no model
 */
export async function writeLines(
  from: string,
  to: string,
  { model, endpoint: asked }: { readonly model: string | undefined; readonly endpoint: string | undefined },
): Promise<Written> {
  const out = createWriteStream(to, { mode: 0o600, flags: "wx" });
  const input = createReadStream(from);
  const opened = once(input, "open");
  await opened.catch((error: NodeJS.ErrnoException) => {
    throw new Failure(
      error.code === "ENOENT" ? `there is no file ${from}` : `${from} cannot be read: ${error.message}`,
    );
  });
  const work = new Map<string, ModelWork>();
  let endpoint = asked;
  let number = 0;
  let lines = 0;
  for await (const text of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    if (text.trim() === "") continue;
    lines += 1;
    const read = objectIn(text);
    // What is no JSON is told by the gateway, with its line.
    const line = read === undefined ? undefined : lineOf(read, number, model);
    endpoint ??= line === undefined ? undefined : endpointOf(line);
    const written = line === undefined ? text : JSON.stringify({ ...line, url: line.url ?? endpoint });
    if (line !== undefined) count(work, line.body as Json);
    if (!out.write(`${written}\n`)) await once(out, "drain");
  }
  out.end();
  await finished(out);
  return { lines, endpoint: endpoint ?? "/v1/chat/completions", work: [...work.values()] };
}

function objectIn(text: string): Json | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
  } catch {
    return undefined;
  }
}

function lineOf(line: Json, number: number, model: string | undefined): Json {
  const isBody = line.body === undefined && ["messages", "input", "prompt"].some((name) => name in line);
  const { custom_id = `line-${number}`, ...rest } = line;
  const body = (isBody ? rest : line.body) as Json | undefined;
  const named = body?.model ?? model;
  return {
    ...(isBody ? {} : line),
    custom_id,
    method: "POST",
    ...(body === undefined ? {} : { body: named === undefined ? body : { ...body, model: named } }),
  };
}

function endpointOf({ url, body }: Json): string {
  if (typeof url === "string") return url;
  const fields = (body ?? {}) as Json;
  if ("messages" in fields) return "/v1/chat/completions";
  return "prompt" in fields ? "/v1/completions" : "/v1/embeddings";
}

function count(work: Map<string, ModelWork>, body: Json | undefined): void {
  const model = typeof body?.model === "string" ? body.model : undefined;
  if (model === undefined || body === undefined) return;
  const own = work.get(model) ?? { model, requests: 0, inputTokens: 0, outputTokens: 0 };
  work.set(model, own);
  const { messages, input, prompt, max_tokens, max_completion_tokens } = body;
  const most = Number(max_completion_tokens ?? max_tokens ?? ANSWER_TOKENS);
  own.requests += 1;
  own.inputTokens += JSON.stringify(messages ?? prompt ?? input ?? "").length / CHARS_PER_TOKEN;
  if (input === undefined) own.outputTokens += Math.min(most > 0 ? most : ANSWER_TOKENS, ANSWER_TOKENS);
}
