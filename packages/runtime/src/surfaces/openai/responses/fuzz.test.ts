/** Whatever a client sends: a request, or an error that names what is wrong, and never one of ours. */
import type { JsonObject } from "@headgate/contract";
import fc from "fast-check";
import { expect, it } from "vitest";
import { Sealer } from "../../../codec/sealer.ts";
import { ClientError } from "../../../http/client-error.ts";
import { pathsOf, replaced } from "../../../testing/change-json.ts";
import { responsesRequest } from "./request.ts";
import { writeSeal } from "./seal.ts";
import { MemoryResponseStore } from "./store.ts";

const RICH = {
  model: "m",
  stream: true,
  store: true,
  instructions: "i",
  input: [
    { role: "developer", content: "d" },
    {
      type: "message",
      role: "user",
      content: [
        { type: "input_text", text: "t" },
        { type: "input_image", image_url: "data:image/png;base64,AAAA", detail: "low" },
        { type: "input_file", filename: "a.pdf", file_data: "AAAA" },
        { type: "input_file", file_url: "https://example.com/a.pdf" },
        { type: "input_audio", input_audio: { data: "AAAA", format: "wav" } },
      ],
    },
    {
      type: "reasoning",
      id: "rs_1",
      summary: [{ type: "summary_text", text: "s" }],
      content: [{ type: "reasoning_text", text: "r" }],
      encrypted_content: writeSeal({ wire: "w", data: "d", of: { callId: "c" } }),
    },
    { type: "function_call", id: "fc_1", call_id: "c", name: "f", namespace: "n", arguments: "{}" },
    {
      role: "assistant",
      content: [
        { type: "output_text", text: "o" },
        { type: "refusal", refusal: "r" },
      ],
    },
    { type: "function_call_output", call_id: "c", output: [{ type: "input_text", text: "o" }] },
  ],
  tools: [
    { type: "function", name: "f", description: "d", parameters: { type: "object" }, strict: true },
    { type: "namespace", name: "n", description: "d", tools: [{ type: "function", name: "f" }] },
    { type: "web_search" },
  ],
  tool_choice: {
    type: "allowed_tools",
    mode: "auto",
    tools: [{ type: "function", name: "f", namespace: "n" }],
  },
  text: { format: { type: "json_schema", name: "n", schema: {}, strict: true }, verbosity: "low" },
  reasoning: { effort: "low", summary: "auto" },
  metadata: { a: "b" },
  include: ["reasoning.encrypted_content"],
  max_output_tokens: 5,
  service_tier: "flex",
  truncation: "auto",
  user: "u",
};

const changes = fc.array(fc.tuple(fc.constantFrom(...pathsOf(RICH)), fc.jsonValue({ maxDepth: 2 })), {
  maxLength: 2,
});

it("holds for any change to a request that has everything, and for the turn that follows it", () => {
  const nowMs = () => 0;
  const store = new MemoryResponseStore({ nowMs, ttlMs: 1, maxBytes: 1_000_000 });
  const read = (json: JsonObject) =>
    responsesRequest(
      { json, bytes: Buffer.from(JSON.stringify(json)) },
      { store, nowMs, sealer: new Sealer("k") },
    );
  let taken = 0;
  fc.assert(
    fc.property(changes, (list) => {
      let changed: unknown = RICH;
      for (const [path, by] of list) changed = replaced(changed, path, by);
      let request: ReturnType<typeof read>;
      try {
        request = read(JSON.parse(JSON.stringify(changed)));
      } catch (error) {
        expect(error).toBeInstanceOf(ClientError);
        expect(error).toMatchObject({ status: 400, param: expect.stringMatching(/./) });
        return;
      }
      taken += 1;
      const { messages } = request.canonical();
      const body = request.encodeBody([{ type: "text", text: "answer" }], "up", 0);
      const { id, store: kept } = JSON.parse(body.toString()) as { id: string; store: boolean };
      if (!kept) return;
      const next = read({ model: "m", previous_response_id: id, input: "next" });
      const before = messages.filter(({ role }) => role !== "system").length;
      expect(next.canonical().messages.filter(({ role }) => role !== "system").length).toBe(before + 2);
    }),
    { numRuns: 400 },
  );
  expect(taken).toBeGreaterThan(50);
});
