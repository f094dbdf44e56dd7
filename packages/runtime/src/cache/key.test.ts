/** The key of an answer: it tells apart whatever reaches an upstream, and nothing else. */
import type { JsonObject, JsonValue } from "@headgate/contract";
import type { IndexedRoute } from "@headgate/router";
import fc from "fast-check";
import { expect, it } from "vitest";
import { messagesRequest } from "../surfaces/anthropic/messages.ts";
import { chatRequest } from "../surfaces/openai/chat.ts";
import { chatKey } from "./key.ts";
import { NEUTRAL } from "./shapes.ts";

const route = (name: string) =>
  ({ name, kind: "alias", operation: "chat", chain: [] }) as never as IndexedRoute;
const SURFACES = {
  chat: (body: JsonObject) => chatRequest({ bytes: Buffer.from(JSON.stringify(body)), json: body }, "id"),
  messages: (body: JsonObject) =>
    messagesRequest({ bytes: Buffer.from(JSON.stringify(body)), json: body }, "id", {}),
};
type Surface = keyof typeof SURFACES;

/** Undefined for what the surface refuses, and for what is never cached. */
function keyOf(surface: Surface, body: JsonObject, owner = "me"): string | undefined {
  const request = refusing(() => SURFACES[surface](body));
  if (request === undefined) return undefined;
  return chatKey(request, {
    owner,
    route: route(String(body.model)),
    controls: { noFallbacks: false },
    facts: request.facts,
  });
}
function refusing<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}

const text = fc.string({ minLength: 1, maxLength: 6 });
const cache = fc.constantFrom({ type: "ephemeral" }, { type: "ephemeral", ttl: "1h" });
const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
const schema = fc.constantFrom<JsonObject>(
  { type: "object" },
  { type: "object", properties: { a: { type: "string" } } },
);
const clean = (value: unknown): JsonObject => JSON.parse(JSON.stringify(value)) as JsonObject;

const chatBody = fc
  .record({
    model: fc.constantFrom("m", "n"),
    messages: fc.array(
      fc.oneof(
        fc.record({
          role: fc.constantFrom("system", "developer", "user", "assistant"),
          content: fc.oneof(
            text,
            fc.array(
              fc.oneof(
                fc.record({ type: fc.constant("text"), text, cache_control: maybe(cache) }),
                fc.record({
                  type: fc.constant("image_url"),
                  image_url: fc.record({
                    url: fc.constantFrom("https://a.example/x", "data:image/png;base64,AAAA"),
                    detail: maybe(fc.constant("low")),
                  }),
                }),
              ),
              { minLength: 1, maxLength: 2 },
            ),
          ),
          name: maybe(text),
        }),
      ),
      { minLength: 1, maxLength: 3 },
    ),
    tools: maybe(
      fc.array(
        fc.record({
          type: fc.constant("function"),
          function: fc.record({
            name: fc.constantFrom("look", "find"),
            description: maybe(text),
            parameters: schema,
            strict: maybe(fc.boolean()),
          }),
        }),
        { minLength: 1, maxLength: 2 },
      ),
    ),
    tool_choice: maybe(
      fc.constantFrom<JsonValue>("auto", "required", { type: "function", function: { name: "look" } }),
    ),
    temperature: maybe(fc.constantFrom(0, 0.5, 1)),
    top_p: maybe(fc.constantFrom(0.1, 1)),
    max_tokens: maybe(fc.integer({ min: 1, max: 9 })),
    max_completion_tokens: maybe(fc.integer({ min: 1, max: 9 })),
    seed: maybe(fc.integer({ min: 0, max: 9 })),
    stop: maybe(fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 2 }))),
    response_format: maybe(
      fc.constantFrom<JsonValue>(
        { type: "json_object" },
        { type: "json_schema", json_schema: { name: "x", schema: { type: "object" } } },
      ),
    ),
    reasoning_effort: maybe(fc.constantFrom("low", "high")),
    logit_bias: maybe(fc.constantFrom({ "1": 5 }, { "2": 5 })),
    min_p: maybe(fc.constantFrom(0.1, 0.2)),
    user: maybe(text),
    stream: maybe(fc.boolean()),
  })
  .map(clean);

const messagesBody = fc
  .record({
    model: fc.constantFrom("m", "n"),
    max_tokens: fc.integer({ min: 1, max: 9 }),
    system: maybe(
      fc.oneof(
        text,
        fc.array(fc.record({ type: fc.constant("text"), text, cache_control: maybe(cache) }), {
          minLength: 1,
          maxLength: 2,
        }),
      ),
    ),
    messages: fc.array(
      fc.record({
        role: fc.constantFrom("user", "assistant"),
        content: fc.oneof(
          text,
          fc.array(
            fc.oneof(
              fc.record({ type: fc.constant("text"), text, cache_control: maybe(cache) }),
              fc.record({
                type: fc.constant("image"),
                source: fc.record({
                  type: fc.constant("base64"),
                  media_type: fc.constant("image/png"),
                  data: fc.constantFrom("AAAA", "BBBB"),
                }),
              }),
            ),
            { minLength: 1, maxLength: 2 },
          ),
        ),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    tools: maybe(
      fc.array(fc.record({ name: fc.constantFrom("look", "find"), input_schema: schema }), {
        minLength: 1,
        maxLength: 2,
      }),
    ),
    tool_choice: maybe(
      fc.constantFrom<JsonValue>(
        { type: "auto" },
        { type: "any" },
        { type: "tool", name: "look" },
        { type: "auto", disable_parallel_tool_use: true },
      ),
    ),
    temperature: maybe(fc.constantFrom(0, 1)),
    top_k: maybe(fc.constantFrom(1, 2)),
    stop_sequences: maybe(fc.array(text, { minLength: 1, maxLength: 2 })),
    thinking: maybe(
      fc.constantFrom<JsonValue>(
        { type: "disabled" },
        { type: "enabled", budget_tokens: 1024 },
        { type: "enabled", budget_tokens: 1025 },
      ),
    ),
    service_tier: maybe(fc.constantFrom("auto", "standard_only")),
  })
  .map(clean);

const BODIES = { chat: chatBody, messages: messagesBody };

/** Each place in a body, the whole of it left out. */
function placesOf(value: JsonValue, at: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== "object" || value === null) return [at];
  const entries: [string | number, JsonValue][] = Array.isArray(value)
    ? value.map((one, index) => [index, one])
    : Object.entries(value as JsonObject);
  return [
    ...(at.length > 0 ? [at] : []),
    ...entries.flatMap(([name, held]) => placesOf(held, [...at, name])),
  ];
}

/** The body with another value at one place, without it, or with one more field beside it. */
function changed(
  body: JsonObject,
  at: readonly (string | number)[],
  how: "value" | "without" | "beside",
  value: JsonValue,
): JsonObject {
  const copy = structuredClone(body) as Record<string, never>;
  let holder: Record<string | number, JsonValue> = copy;
  for (const step of at.slice(0, -1)) holder = holder[step] as never;
  const last = at.at(-1) ?? "";
  if (how === "value") holder[last] = value;
  else if (how === "beside" && !Array.isArray(holder)) holder[`x_${String(last)}`] = value;
  else if (how === "without" && !Array.isArray(holder)) delete holder[last];
  return copy;
}

/** Fields that make a body's key one of its wire alone. */
const BEYOND = ["max_completion_tokens", "logit_bias", "min_p", "thinking", "service_tier"];

/** Another value of the same type. */
function nudged(value: JsonValue): JsonValue {
  if (typeof value === "number") return value + 1;
  if (typeof value === "boolean") return !value;
  return typeof value === "string" ? `${value}x` : null;
}

const valueAt = (body: JsonObject, at: readonly (string | number)[]): JsonValue =>
  at.reduce<JsonValue>((held, step) => (held as never)[step], body);

it.each(["chat", "messages"] as const)("of a plain %s body tells every value", (surface) => {
  let compared = 0;
  fc.assert(
    fc.property(BODIES[surface], fc.nat(), (whole, which) => {
      const body = Object.fromEntries(Object.entries(whole).filter(([name]) => !BEYOND.includes(name)));
      const leaves = placesOf(body).filter(
        (at) => !NEUTRAL.has(String(at[0])) && typeof valueAt(body, at) !== "object",
      );
      const at = leaves[which % Math.max(1, leaves.length)];
      if (at === undefined) return;
      const other = changed(body, at, "value", nudged(valueAt(body, at)));
      const [one, two] = [keyOf(surface, body), keyOf(surface, other)];
      if (one === undefined || two === undefined) return;
      compared += 1;
      expect(two, JSON.stringify([body, other])).not.toBe(one);
    }),
    { numRuns: 1_500 },
  );
  expect(compared).toBeGreaterThan(200);
});

it.each(["chat", "messages"] as const)(
  "of two %s bodies that differ in what reaches an upstream differs",
  (surface) => {
    fc.assert(
      fc.property(
        BODIES[surface],
        fc.nat(),
        fc.constantFrom("value" as const, "without" as const, "beside" as const),
        fc.oneof(
          text,
          fc.integer({ min: 0, max: 99 }),
          fc.constant<JsonValue>(null),
          fc.boolean(),
          fc.constant<JsonValue>({ a: 1 }),
          fc.constant<JsonValue>([]),
        ),
        (body, which, how, value) => {
          const places = placesOf(body).filter(([top]) => !NEUTRAL.has(String(top)));
          const at = places[which % Math.max(1, places.length)];
          if (at === undefined) return;
          const other = changed(body, at, how, value);
          if (JSON.stringify(other) === JSON.stringify(body)) return;
          const [one, two] = [keyOf(surface, body), keyOf(surface, other)];
          if (one !== undefined && two !== undefined)
            expect(two, JSON.stringify([body, other])).not.toBe(one);
        },
      ),
      { numRuns: 1_500 },
    );
  },
);

it.each(["chat", "messages"] as const)(
  "of two %s bodies that differ in who asks or in the stream alone is one",
  (surface) => {
    const base: JsonObject = { model: "m", max_tokens: 5, messages: [{ role: "user", content: "x" }] };
    const others: JsonObject[] =
      surface === "chat"
        ? [
            { user: "a" },
            { stream: true },
            { stream_options: { include_usage: true } },
            { prompt_cache_key: "k" },
          ]
        : [{ metadata: { user_id: "a" } }, { stream: true }];
    for (const other of others) expect(keyOf(surface, { ...base, ...other })).toBe(keyOf(surface, base));
  },
);

it("is the same on both surfaces, and another one for another owner and another name", () => {
  const system = "Be brief.";
  const question = { role: "user", content: "Why?" };
  const same = { model: "m", max_tokens: 5, temperature: 0 };
  const chat = { ...same, messages: [{ role: "system", content: system }, question] };
  expect(keyOf("messages", { ...same, system, messages: [question] })).toBe(keyOf("chat", chat));
  expect(keyOf("chat", chat, "other")).not.toBe(keyOf("chat", chat));
  expect(keyOf("chat", { ...chat, model: "n" })).not.toBe(keyOf("chat", chat));
});

it("tells long numbers apart that JavaScript does not", () => {
  const bodies = ["9007199254740993", "9007199254740992"].map((seed) => {
    const bytes = Buffer.from(`{"model":"m","seed":${seed},"messages":[{"role":"user","content":"x"}]}`);
    return chatRequest({ bytes, json: JSON.parse(bytes.toString()) as JsonObject }, "id");
  });
  const [one, two] = bodies.map((request) =>
    chatKey(request, {
      owner: "",
      route: route("m"),
      controls: { noFallbacks: false },
      facts: request.facts,
    }),
  );
  expect(one).not.toBe(two);
});
