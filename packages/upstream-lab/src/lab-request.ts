/** One request to the lab, parsed once. Behaviours are functions of this alone. */
import type { IncomingHttpHeaders } from "node:http";
import { geminiRoute } from "./gemini-route.ts";
import { asObject, asText, isObject, type JsonObject, type JsonValue } from "./json.ts";

/** `ollama-chat`, `ollama-generate`: NDJSON or JSON. `listing`: a GET of a fixed document. The others: SSE or JSON. */
export type Wire =
  | "openai-chat"
  | "openai-responses"
  | "ollama-chat"
  | "ollama-generate"
  | "cohere-chat"
  | "anthropic-messages"
  | "gemini"
  | "listing";

export interface LabRequest {
  readonly wire: Wire;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** The part after the question mark; empty where there is none. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: JsonObject;
  /** The upstream model id; for a listing, its path. */
  readonly model: string;
  readonly stream: boolean;
  /** True when the client set `stream_options.include_usage`. */
  readonly includeUsage: boolean;
  /** The bearer token, `x-api-key` or `x-goog-api-key`; empty when none was sent. */
  readonly key: string;
  /** 1 for the lab's first request; makes ids deterministic. */
  readonly seq: number;
  /** 1 for the first request on its connection. */
  readonly nthOnConnection: number;
  /** Epoch milliseconds by the lab's clock. */
  readonly nowMs: number;
  /** The document of a listing. */
  readonly listing?: JsonValue;
  /** The answer to an operation other than chat. */
  readonly document?: JsonValue;
}

interface LabRequestInput {
  readonly wire: Wire;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: JsonValue | undefined;
  readonly seq: number;
  readonly nthOnConnection: number;
  readonly nowMs: number;
  readonly listing?: JsonValue;
  readonly document?: JsonValue;
}

export function readLabRequest(input: LabRequestInput): LabRequest {
  const body = asObject(input.body);
  const { wire, headers } = input;
  // Ollama streams by default; the others stream only when requested.
  const requested =
    wire === "ollama-chat" || wire === "ollama-generate"
      ? body.stream !== false
      : wire !== "listing" && body.stream === true;
  // Gemini has the model in the path, and the method decides about a stream.
  const route = wire === "gemini" ? geminiRoute(input.path) : undefined;
  const bearer = /^bearer\s+(.*)$/i.exec(headers.authorization ?? "")?.[1];
  const apiKey = headers["x-api-key"] ?? headers["x-goog-api-key"];
  return {
    ...input,
    body,
    stream: input.document === undefined && (route?.stream ?? requested),
    model: route?.model ?? (wire === "listing" ? input.path : asText(body.model)),
    includeUsage: asObject(body.stream_options).include_usage === true,
    key: bearer ?? (typeof apiKey === "string" ? apiKey : ""),
  };
}

/** The wire of a route, by the end of its path, so that any base URL works. */
export function wireOf(method: string, path: string): Exclude<Wire, "listing"> | undefined {
  if (method !== "POST") return undefined;
  if (path.endsWith("/chat/completions")) return "openai-chat";
  if (path.endsWith("/responses")) return "openai-responses";
  if (path.endsWith("/v2/chat")) return "cohere-chat";
  if (path.endsWith("/messages")) return "anthropic-messages";
  if (geminiRoute(path) !== undefined) return "gemini";
  if (path.endsWith("/api/generate")) return "ollama-generate";
  return path.endsWith("/api/chat") ? "ollama-chat" : undefined;
}

/** @returns `undefined` when the bytes are not JSON. */
export function parseJson(bytes: Buffer): JsonValue | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    if (isObject(value) || Array.isArray(value)) return value as JsonValue;
    return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
      ? value
      : null;
  } catch {
    return undefined;
  }
}
