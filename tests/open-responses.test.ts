/**
 * The checks that Open Responses publishes for servers, but for WebSockets (src/lib/compliance-tests.ts of openresponses/openresponses): seven
 * requests, whole and streamed, and the members that its ResponseResource requires, with their types.
 */
import { healthy } from "@headgate/upstream-lab";
import { expect, it } from "vitest";
import { responsesBench } from "./support/responses.ts";

const bench = responsesBench();

/** https://github.com/openresponses/openresponses/blob/main/schema/components/schemas/ResponseResource.json */
const REQUIRED: Readonly<Record<string, readonly string[]>> = {
  id: ["string"],
  object: ["string"],
  created_at: ["number"],
  completed_at: ["number", "null"],
  status: ["string"],
  incomplete_details: ["object", "null"],
  model: ["string"],
  previous_response_id: ["string", "null"],
  instructions: ["string", "array", "null"],
  output: ["array"],
  error: ["object", "null"],
  tools: ["array"],
  tool_choice: ["string", "object"],
  truncation: ["string"],
  parallel_tool_calls: ["boolean"],
  text: ["object"],
  top_p: ["number"],
  presence_penalty: ["number"],
  frequency_penalty: ["number"],
  top_logprobs: ["number"],
  temperature: ["number"],
  reasoning: ["object", "null"],
  user: ["string", "null"],
  usage: ["object", "null"],
  max_output_tokens: ["number", "null"],
  max_tool_calls: ["number", "null"],
  store: ["boolean"],
  background: ["boolean"],
  service_tier: ["string"],
  metadata: ["object"],
  safety_identifier: ["string", "null"],
  prompt_cache_key: ["string", "null"],
};
const kindOf = (value: unknown): string =>
  value === null ? "null" : Array.isArray(value) ? "array" : typeof value;

type Resource = Readonly<Record<string, unknown>> & {
  readonly status: string;
  readonly output: readonly { readonly type: string }[];
};

function isWhole(resource: Resource): void {
  const wrong = Object.entries(REQUIRED).filter(([name, kinds]) => !kinds.includes(kindOf(resource[name])));
  expect(wrong.map(([name]) => `${name}: ${kindOf(resource[name])}`)).toEqual([]);
}

const message = (role: string, content: unknown) => ({ type: "message", role, content });
const weather = {
  input: [message("user", "How is the weather in Graz?")],
  tools: [
    {
      type: "function",
      name: "get_weather",
      description: "The weather at a place",
      parameters: { type: "object", properties: { location: { type: "string" } }, required: ["location"] },
    },
  ],
};
const picture = { type: "input_image", image_url: "data:image/png;base64,iVBORw0KGgo=" };

it.each([
  ["a text", [message("user", "Greet me in three words.")]],
  ["a system message", [message("system", "Talk like a pirate."), message("user", "Greet me.")]],
  ["a picture", [message("user", [{ type: "input_text", text: "What is this?" }, picture])]],
  [
    "several turns",
    [message("user", "I am Alice."), message("assistant", "Hello Alice."), message("user", "Who am I?")],
  ],
])("answers %s whole", async (_, input) => {
  const resource = (await (await bench.post({ input })).json()) as Resource;
  isWhole(resource);
  expect(resource.status).toBe("completed");
  expect(resource.output.length).toBeGreaterThan(0);
});

it("calls a tool", async () => {
  bench.lab.behave(
    "*",
    healthy({ toolCalls: [{ name: "get_weather", arguments: ['{"location":', '"Graz"}'] }] }),
  );
  const resource = (await (await bench.post(weather)).json()) as Resource;
  isWhole(resource);
  expect(resource.output.map(({ type }) => type)).toContain("function_call");
});

it("streams a text, and a call with its pieces", async () => {
  const text = await bench.stream({ input: [message("user", "Count to five.")] });
  isWhole(text.at(-1)?.response as unknown as Resource);
  bench.lab.behave(
    "*",
    healthy({ toolCalls: [{ name: "get_weather", arguments: ['{"location":', '"Graz"}'] }] }),
  );
  const events = await bench.stream(weather);
  const itemsOf = (type: string) => events.flatMap((event) => (event.type === type ? [event.item] : []));
  for (const type of ["response.output_item.added", "response.output_item.done"])
    expect(itemsOf(type)).toContainEqual(expect.objectContaining({ type: "function_call" }));
  const types = events.map(({ type }) => type);
  expect(types).toContain("response.function_call_arguments.delta");
  expect(types).toContain("response.function_call_arguments.done");
  isWhole(events.at(-1)?.response as unknown as Resource);
});
