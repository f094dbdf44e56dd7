/** Requests of the Responses API: accepted, passed, stored and refused. */
import { describe, expect, it } from "vitest";
import { startGateway } from "./support/gateway.ts";
import { errorOf, responsesBench, user, weather } from "./support/responses.ts";

const bench = responsesBench();
const { post, sent } = bench;

const callItem = { type: "function_call", call_id: "c", name: "f", arguments: "{}" };

describe("a malformed request gets 400 in OpenAI's envelope with the path of", () => {
  it.each<[string, Record<string, unknown>]>([
    ["model", { model: 7, input: "x" }],
    ["input", {}],
    ["input", { input: 7 }],
    ["input", { input: [] }],
    ["input[1]", { input: [{ role: "user", content: "x" }, "y"] }],
    ["input[0].type", { input: [{ content: "x" }] }],
    ["input[0].type", { input: [{ type: "computer_call", call_id: "c" }] }],
    ["input[0].role", { input: [{ role: "tool", content: "x" }] }],
    ["input[0].content", { input: [{ role: "user" }] }],
    ["input[0].content", { input: user(7) }],
    ["input[0].content[0]", { input: user(["x"]) }],
    ["input[0].content[0].type", { input: user([{ type: "image_url" }]) }],
    ["input[0].content[0].text", { input: user([{ type: "input_text", text: 7 }]) }],
    ["input[0].content[0].image_url", { input: user([{ type: "input_image" }]) }],
    ["input[0].content[0].image_url", { input: user([{ type: "input_image", image_url: "ftp://x" }]) }],
    [
      "input[0].content[0].image_url",
      { input: user([{ type: "input_image", image_url: "data:image/png;base64,&&&" }]) },
    ],
    ["input[0].content[0].file_id", { input: user([{ type: "input_image", file_id: "file-1" }]) }],
    ["input[0].content[0].file_data", { input: user([{ type: "input_file" }]) }],
    ["input[0].content[0].file_data", { input: user([{ type: "input_file", file_data: "AAAA" }]) }],
    [
      "input[0].content[0].file_data",
      { input: user([{ type: "input_file", file_data: "&", filename: "a.pdf" }]) },
    ],
    ["input[0].content[0].file_url", { input: user([{ type: "input_file", file_url: "ftp://x/a.pdf" }]) }],
    ["input[0].content[0].file_url", { input: user([{ type: "input_file", file_url: "https://x/a" }]) }],
    ["input[0].content[0].file_id", { input: user([{ type: "input_file", file_id: "file-1" }]) }],
    ["input[0].content[0].input_audio", { input: user([{ type: "input_audio" }]) }],
    ["input[0].call_id", { input: [{ ...callItem, call_id: "" }] }],
    ["input[0].arguments", { input: [{ ...callItem, arguments: {} }] }],
    ["input[0]", { input: [callItem] }],
    ["input[1].call_id", { input: [callItem, callItem] }],
    ["input[0].call_id", { input: [{ type: "function_call_output", call_id: "c", output: "x" }] }],
    ["input[1].output", { input: [callItem, { type: "function_call_output", call_id: "c" }] }],
    ["input[0].id", { input: [{ type: "item_reference", id: `msg_${"0".repeat(32)}o0` }] }],
    ["tools", { input: "x", tools: {} }],
    ["tools[0]", { input: "x", tools: [7] }],
    ["tools[0].type", { input: "x", tools: [{ type: "file_search" }] }],
    ["tools[0]", { input: "x", tools: [{ type: "web_search" }] }],
    ["tools[0].name", { input: "x", tools: [{ type: "function" }] }],
    ["tools[1].name", { input: "x", tools: [weather, weather] }],
    ["tools[0].parameters", { input: "x", tools: [{ ...weather, parameters: "x" }] }],
    ["tools[0].tools", { input: "x", tools: [{ type: "namespace", name: "n" }] }],
    [
      "tools[0].tools[0].type",
      { input: "x", tools: [{ type: "namespace", name: "n", tools: [{ type: "custom" }] }] },
    ],
    ["tool_choice", { input: "x", tool_choice: "maybe" }],
    ["tool_choice.type", { input: "x", tools: [weather], tool_choice: { type: "web_search" } }],
    ["tool_choice.name", { input: "x", tools: [weather], tool_choice: { type: "function", name: "g" } }],
    ["text.format.type", { input: "x", text: { format: { type: "xml" } } }],
    ["text.format.schema", { input: "x", text: { format: { type: "json_schema", name: "n" } } }],
    ["text", { input: "x", text: "short" }],
    ["reasoning.effort", { input: "x", reasoning: { effort: 3 } }],
    ["temperature", { input: "x", temperature: "warm" }],
    ["max_output_tokens", { input: "x", max_output_tokens: 0.5 }],
    ["metadata.n", { input: "x", metadata: { n: 1 } }],
    ["stream", { input: "x", stream: "yes" }],
    ["store", { input: "x", store: "no" }],
    ["instructions", { input: "x", instructions: ["x"] }],
    ["previous_response_id", { input: "x", previous_response_id: 7 }],
    ["previous_response_id", { input: "x", previous_response_id: "resp_nope" }],
    ["include[0]", { input: "x", include: ["message.output_text.logprobs"] }],
    ["background", { input: "x", background: true }],
    ["conversation", { input: "x", conversation: "conv_1" }],
    ["prompt", { prompt: { id: "pmpt_1" } }],
  ])("%s: %j", async (param, body) => {
    const response = await post(body);
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ type: "invalid_request_error", param });
    expect(bench.lab.requests).toHaveLength(0);
  });

  it("nothing, when the body is no JSON, no UTF-8 or too deep", async () => {
    const bodies = [
      "{",
      Buffer.from([0xff, 0xfe]),
      `{"model":"alpha","input":${"[".repeat(500)}${"]".repeat(500)}}`,
    ];
    for (const body of bodies) {
      const response = await bench.gateway.fetch("/v1/responses", { method: "POST", body });
      expect(response.status).toBe(400);
      expect((await errorOf(response)).type).toBe("invalid_request_error");
    }
  });
});

it("a call of a custom tool may come back with an empty input", async () => {
  const call = { type: "custom_tool_call", call_id: "c", name: "patch", input: "" };
  const output = { type: "custom_tool_call_output", call_id: "c", output: "done" };
  const body = {
    tools: [{ type: "custom", name: "patch" }],
    input: [{ role: "user", content: "x" }, call, output],
  };
  expect((await post(body)).status).toBe(200);
  const { input: _, ...without } = call;
  const response = await post({ ...body, input: [without, output] });
  expect(await errorOf(response)).toMatchObject({ param: "input[0].input" });
});

describe("a stored response", () => {
  const create = async (input: unknown): Promise<string> =>
    ((await (await post({ input })).json()) as { id: string }).id;

  it.each([
    ["stream", "?stream=true"],
    ["limit", "/input_items?limit=0"],
    ["limit", "/input_items?limit=many"],
    ["order", "/input_items?order=up"],
    ["after", "/input_items?after=msg_nope"],
  ])("is not read with a wrong %s: %s", async (param, suffix) => {
    const response = await bench.gateway.fetch(`/v1/responses/${await create("x")}${suffix}`);
    expect(response.status).toBe(400);
    expect(await errorOf(response)).toMatchObject({ param });
  });

  it("keeps the client's ids of its items, and finds them only under those", async () => {
    const id = await create([{ id: "msg_own", role: "user", content: "x" }, ...user("y")]);
    const listed = (await (
      await bench.gateway.fetch(`/v1/responses/${id}/input_items?order=asc`)
    ).json()) as {
      data: { id: string }[];
      first_id: string;
      last_id: string;
    };
    const [, second] = listed.data;
    expect(listed).toMatchObject({ first_id: "msg_own", last_id: second?.id, data: [{ id: "msg_own" }, {}] });
    const refer = (ref: string) => post({ input: [{ type: "item_reference", id: ref }] });
    expect((await refer(second?.id ?? "")).status).toBe(200);
    expect((await refer((second?.id ?? "").replace(/i1$/, "i0"))).status).toBe(400);
    expect((await post({ input: [{ id: second?.id }] })).status).toBe(200);
  });
});

it("accepts ten thousand items", async () => {
  const input = Array.from({ length: 10_000 }, (_, at) => ({
    role: at % 2 === 0 ? "user" : "assistant",
    content: `${at}`,
  }));
  expect((await post({ input })).status).toBe(200);
  expect(sent().messages).toHaveLength(10_000);
});

it("falls back under mock_testing_fallbacks, like every route", async () => {
  const response = await post({ input: "x", mock_testing_fallbacks: true });
  expect(response.status).toBe(503);
  expect((await errorOf(response)).message).toContain("mock_testing_fallbacks");
});

it("sends files, typed by their data or their name, and refuses them by name where unsupported", async () => {
  const files = [
    { type: "input_file", filename: "a.pdf", file_data: "data:application/pdf;base64,JVBERg==" },
    { type: "input_file", filename: "b.pdf", file_data: "JVBERg==" },
  ];
  await post({ input: user(files) });
  const file = (filename: string) => ({
    type: "file",
    file: { filename, file_data: "data:application/pdf;base64,JVBERg==" },
  });
  expect(sent()).toMatchObject({ messages: [{ content: [file("a.pdf"), file("b.pdf")] }] });
  const refused = await post({ model: "local", input: user(files) });
  expect(refused.status).toBe(400);
  expect(await errorOf(refused)).toMatchObject({ param: "input[0].content[0]" });
});

it("names dropped fields, even without an upstream call", async () => {
  const response = await post({ model: "demo", input: "x", truncation: "auto", safety_identifier: "s" });
  expect(response.headers.get("x-headgate-dropped-params")).toBe("safety_identifier,truncation");
  expect((await post({ model: "demo", input: "x" })).headers.has("x-headgate-dropped-params")).toBe(false);
});

it("passes unknown fields to the provider", async () => {
  await post({ input: "x", service_tier: "auto" });
  expect(sent()).not.toHaveProperty("service_tier");
  await post({ input: "x", seed: 7, service_tier: "flex", temperature: 0.5, top_p: 0.9, user: "u" });
  expect(sent()).toMatchObject({ seed: 7, service_tier: "flex", temperature: 0.5, top_p: 0.9, user: "u" });
});

it("offers only the allowed tools", async () => {
  const tools = [weather, { ...weather, name: "other" }];
  const tool_choice = { type: "allowed_tools", mode: "auto", tools: [{ type: "function", name: "other" }] };
  await post({ input: "x", tools, tool_choice });
  expect(sent()).toMatchObject({ tools: [{ function: { name: "other" } }], tool_choice: "auto" });
});

it("stores no more than its bound", async () => {
  await using small = await startGateway(
    [{ id: "demo", adapter: "demo", keys: [], models: [{ alias: "demo", upstream: "canned" }] }],
    { options: { responsesMaxBytes: 3_000 } },
  );
  const ids: string[] = [];
  for (const input of ["one", "two", "three", "four"]) {
    const response = await small.fetch("/v1/responses", {
      method: "POST",
      body: JSON.stringify({ model: "demo", input }),
    });
    ids.push(((await response.json()) as { id: string }).id);
  }
  const found = await Promise.all(ids.map(async (id) => (await small.fetch(`/v1/responses/${id}`)).status));
  expect(found[0]).toBe(404);
  expect(found[3]).toBe(200);
});
