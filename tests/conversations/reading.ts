/** Small readers that the surfaces' clients share. */
import type { Json } from "./conversation.ts";
import { parseExact } from "./exact.ts";

export const object = (value: unknown): Json =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
export const list = (value: unknown): Json[] => (Array.isArray(value) ? (value as Json[]) : []);
export const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** The JSON of each SSE event, or of each line. */
export const eventsOf = (raw: string): Json[] =>
  raw
    .split("\n")
    .map((line) => (line.startsWith("data:") ? line.slice(5).trim() : line))
    .filter((line) => line.startsWith("{"))
    .map((line) => object(parseExact(line)));
