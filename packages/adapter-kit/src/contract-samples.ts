/** Input for the contract suite and the adapters' own tests. */
import {
  type ChatEvent,
  type ChatRequest,
  type Deployment,
  type Dialect,
  present,
  type RoutedProvider,
  type Usage,
} from "@headgate/contract";
import type { ChatCodec, NativeCodec, RelayPiece, Target } from "./adapter.ts";

export const SAMPLE_REQUEST: ChatRequest = {
  messages: [
    { role: "system", content: [{ type: "text", text: "Answer briefly." }] },
    { role: "user", content: [{ type: "text", text: "Grüße aus Köln 🦆" }] },
    {
      role: "assistant",
      content: [],
      toolCalls: [{ id: "call_1", name: "weather", arguments: '{"city":"Köln"}' }],
    },
    { role: "tool", toolCallId: "call_1", content: [{ type: "text", text: "rain" }] },
  ],
  stream: true,
  includeUsage: false,
  tools: [
    {
      name: "weather",
      description: "The weather in a city.",
      parameters: {
        type: "object",
        properties: {
          city: { type: "string" },
          days: { type: "array", items: { type: "integer" }, minItems: 1 },
          minItems: { type: "integer" },
        },
        required: ["city"],
      },
    },
  ],
  maxOutputTokens: 64,
  temperature: 0.5,
  seed: 7,
  stop: ["END"],
  extra: {},
};

const PLAIN: Dialect = { drop: [], rename: {}, stripToolSchema: [] };

/** A target as the compiler makes it. */
export function sampleTarget(
  adapter: string,
  dialect: Partial<Dialect> = {},
  deployment: Partial<Deployment> = {},
): Target {
  const provider: RoutedProvider = {
    id: "sample",
    name: "Sample",
    adapter,
    tier: "free",
    baseUrl: "https://api.example.com/v1",
    auth: { scheme: "bearer" },
    keyVars: ["SAMPLE_API_KEY"],
    headers: { "x-sample": "1" },
    dialect: { ...PLAIN, ...dialect },
    timeouts: {},
    errors: [],
    limits: [],
  };
  return {
    provider,
    deployment: {
      provider: 0,
      alias: "sample-model",
      upstream: "vendor/model-1",
      operation: "chat",
      tier: "free",
      served: true,
      capabilities: ["tools", "vision", "json", "reasoning"],
      limits: [],
      ...deployment,
    },
  };
}

/** The events of a stream that arrives in these chunks and then closes. */
export function decodeChunks(codec: ChatCodec, chunks: Iterable<Buffer>): ChatEvent[] {
  const decoder = codec.decodeStream();
  const events: ChatEvent[] = [];
  for (const chunk of chunks) events.push(...decoder.push(chunk));
  events.push(...decoder.end());
  return events;
}

/** The pieces of a stream that arrives in these chunks, neighbours of one kind joined. */
export function relayChunks(
  codec: NativeCodec,
  chunks: Iterable<Buffer>,
  includeUsage: boolean,
): { pieces: RelayPiece[]; usage: Usage | undefined } {
  const relay = codec.relayStream({ includeUsage });
  const raw: RelayPiece[] = [];
  for (const chunk of chunks) raw.push(...relay.push(chunk));
  raw.push(...relay.end());
  const pieces: RelayPiece[] = [];
  let usage: Usage | undefined;
  for (const { kind, bytes, usage: piece, error } of raw) {
    usage = piece ?? usage;
    const last = pieces.at(-1);
    if (last?.kind === kind) pieces[pieces.length - 1] = { kind, bytes: Buffer.concat([last.bytes, bytes]) };
    else pieces.push({ kind, bytes, ...present({ error }) });
  }
  return { pieces, usage };
}

/** Cuts bytes at the given positions. */
export function cutAt(bytes: Buffer, positions: readonly number[]): Buffer[] {
  const cuts = [...new Set(positions.filter((position) => position > 0 && position < bytes.length))].sort(
    (a, b) => a - b,
  );
  return [0, ...cuts].map((from, index) => bytes.subarray(from, cuts[index] ?? bytes.length));
}
