/** The documents of GET routes. */
import type { JsonValue } from "./json.ts";

/** @returns `undefined` for an unknown path. */
export function listingAt(method: string, path: string, names: readonly string[]): JsonValue | undefined {
  if (method !== "GET" && method !== "HEAD") return undefined;
  // Behaviours of paths and of `*` are no models.
  const ids = [...new Set(names)].filter((name) => name !== "*" && !name.startsWith("/")).sort();
  if (path.endsWith("/api/tags")) return { models: ids.map(ollamaModel) };
  if (path.endsWith("/api/version")) return { version: "0.40.12" };
  if (path.endsWith("/api/ps")) return { models: [] };
  if (path.endsWith("/models")) return { object: "list", data: ids.map(openAiModel) };
  const id = /\/models\/(.+)$/.exec(path)?.[1];
  const wanted = id === undefined ? undefined : ids.find((name) => name === decodeURIComponent(id));
  return wanted === undefined ? undefined : openAiModel(wanted);
}

const openAiModel = (id: string): JsonValue => ({
  id,
  object: "model",
  created: 1_700_000_000,
  owned_by: "upstream-lab",
});

const ollamaModel = (name: string): JsonValue => ({
  name,
  model: name,
  modified_at: "2026-01-01T00:00:00Z",
  size: 2_000_000_000,
  digest: "0".repeat(64),
  details: { format: "gguf", family: "lab", parameter_size: "3B", quantization_level: "Q4_K_M" },
});
