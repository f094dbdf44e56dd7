/** Tools as clients declare them: names of every length and spelling, schemas with bounds and formats, none at all. */
import type { Json, ToolSpec } from "./conversation.ts";
import type { Dice } from "./random.ts";

const NAMES = [
  "get_weather",
  "a",
  "search-files",
  "mcp__github__create_pull_request_review_comment",
  "Read",
  "list2",
  "do_it_now",
] as const;

/** Names that some providers refuse. */
const ODD_NAMES = [
  "mcp__plugin_enterprise-database-management__synchronize-all-customer-data-across",
  `n${"a".repeat(127)}`,
  "2fa_check",
  "x".repeat(64),
  "y".repeat(65),
] as const;

/** Names that the client's own wire takes in OpenAI's and Gemini's form only. */
const DOTTED_NAMES = ["files.read", "server:tool", "ns/tool"] as const;

const CITY: Json = { type: "object", properties: { city: { type: "string" } }, required: ["city"] };

const SCHEMAS: readonly (Json | undefined)[] = [
  CITY,
  { type: "object", properties: { city: { type: "string", minLength: 1, maxLength: 80, pattern: "^\\S" } } },
  {
    type: "object",
    properties: {
      count: { type: "integer", minimum: 0, maximum: 10, exclusiveMinimum: -1, multipleOf: 1 },
      when: { type: "string", format: "date" },
      link: { type: "string", format: "uri" },
      tags: { type: "array", items: { type: "string" }, minItems: 1, maxItems: 3, uniqueItems: true },
    },
    required: ["count"],
    additionalProperties: false,
  },
  {
    $schema: "http://json-schema.org/draft-07/schema#",
    type: "object",
    properties: {
      level: { type: "integer", enum: [1, 2, 3] },
      mode: { enum: ["fast", "slow"] },
      note: { type: ["string", "null"] },
      fixed: { const: "x" },
    },
    additionalProperties: { type: "string" },
  },
  {
    type: "object",
    properties: {
      either: { anyOf: [{ type: "string" }, { type: "object", properties: { id: { type: "integer" } } }] },
      node: { $ref: "#/$defs/node" },
    },
    $defs: { node: { type: "object", properties: { name: { type: "string" } }, required: ["name"] } },
  },
  { type: "object", properties: {} },
  { type: "object" },
  undefined,
];

/** Schemas of tools that OpenAI's own clients may not declare, and clients of other wires do. */
const LOOSE_SCHEMAS: readonly Json[] = [
  { type: "object", properties: { list: { type: "array" } } },
  { type: "object", properties: { any: {} } },
  { type: "object", properties: { city: { type: "string" } }, required: ["city", "country"] },
];

export interface ToolTaste {
  readonly names: "plain" | "odd" | "dotted";
  readonly schemas: "plain" | "any" | "none" | "loose";
  readonly custom: boolean;
}

export function toolsFor(chance: Dice, count: number, taste: ToolTaste): ToolSpec[] {
  const names: readonly string[] =
    taste.names === "odd" ? ODD_NAMES : taste.names === "dotted" ? DOTTED_NAMES : NAMES;
  const tools: ToolSpec[] = [];
  for (let index = 0; index < count; index += 1) {
    const stem = index === 0 ? chance.pick(names) : chance.pick(NAMES);
    const name = tools.some((tool) => tool.name === stem) ? `${stem.slice(0, 60)}_${index}` : stem;
    const description = chance.word("does");
    const schema =
      taste.schemas === "plain"
        ? CITY
        : taste.schemas === "none"
          ? chance.pick([{ type: "object", properties: {} }, { type: "object" }, undefined])
          : taste.schemas === "loose"
            ? chance.pick(LOOSE_SCHEMAS)
            : chance.pick(SCHEMAS);
    tools.push({ name, description, ...(schema === undefined ? {} : { schema }) });
  }
  if (taste.custom) tools.push({ name: "apply_patch", description: chance.word("patches"), custom: true });
  return tools;
}

/** Arguments that fit most of the schemas; with `large`, an integer beyond 2^53. */
export function argumentsFor(chance: Dice, tool: ToolSpec, large: boolean): { text: string; mark?: string } {
  if (tool.custom === true) {
    const mark = chance.word("patch");
    return { text: `*** Begin Patch\n+${mark}\n*** End Patch`, mark };
  }
  const properties = tool.schema?.properties;
  if (typeof properties !== "object" || properties === null || Object.keys(properties).length === 0) {
    return { text: "{}" };
  }
  if (large) {
    const digits = `25122920421${String(21_000_001 + chance.roll(900)).padStart(8, "0")}`;
    return { text: `{"id":${digits},"city":"Graz"}`, mark: digits };
  }
  const mark = chance.word("city");
  return { text: JSON.stringify({ city: mark }), mark };
}
