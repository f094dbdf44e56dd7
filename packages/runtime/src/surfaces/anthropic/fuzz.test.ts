/** Whatever a client sends: an answer, or an error that names what is wrong, and never one of ours. */
import { EncodeError } from "@headgate/adapter-kit";
import fc from "fast-check";
import { expect, it } from "vitest";
import { ClientError } from "../../http/client-error.ts";
import { pathsOf, replaced } from "../../testing/change-json.ts";
import { promptTokens } from "./count-tokens.ts";
import { decodeRequest } from "./decode.ts";
import { messagesFacts } from "./facts.ts";
import { forOwnWire } from "./seals.ts";

const source = { type: "base64", media_type: "image/png", data: "AAAA" };
const RICH = {
  model: "m",
  max_tokens: 5,
  stream: true,
  system: [{ type: "text", text: "s", cache_control: { type: "ephemeral" } }],
  messages: [
    {
      role: "user",
      content: [
        { type: "image", source },
        { type: "document", title: "t", source },
      ],
    },
    {
      role: "assistant",
      content: [
        { type: "thinking", thinking: "t", signature: "" },
        { type: "redacted_thinking", data: "headgate.x" },
        { type: "tool_use", id: "a", name: "f", input: {} },
      ],
    },
    {
      role: "user",
      content: [
        { type: "tool_result", tool_use_id: "a", content: [{ type: "text", text: "r" }], is_error: true },
        { type: "search_result", title: "t", source: "s", content: [{ type: "text", text: "r" }] },
        { type: "document", source: { type: "content", content: [{ type: "text", text: "r" }] } },
      ],
    },
    { role: "system", content: "s" },
  ],
  tools: [{ name: "f", input_schema: {}, defer_loading: true }],
  tool_choice: { type: "tool", name: "f" },
  thinking: { type: "enabled", budget_tokens: 5 },
  context_management: { edits: [{ type: "clear_thinking_1" }] },
  output_config: { effort: "low", format: { type: "json_schema", schema: {} } },
  metadata: { user_id: "u" },
  stop_sequences: ["x"],
  temperature: 1,
};

const changes = fc.array(fc.tuple(fc.constantFrom(...pathsOf(RICH)), fc.jsonValue({ maxDepth: 2 })), {
  minLength: 1,
  maxLength: 2,
});

it("holds for any change to a request that has everything", async () => {
  await fc.assert(
    fc.asyncProperty(changes, async (list) => {
      let changed: unknown = RICH;
      for (const [path, by] of list) {
        try {
          changed = replaced(changed, path, by);
        } catch {
          // The second change fell into what the first took away.
        }
      }
      const body = JSON.parse(JSON.stringify(changed));
      try {
        messagesFacts(body);
        forOwnWire({ bytes: Buffer.from(JSON.stringify(body)), json: body });
        expect(await promptTokens(body)).toBeGreaterThan(0);
        decodeRequest(body, true);
      } catch (error) {
        if (error instanceof ClientError) expect(error.status).toBe(400);
        else expect(error).toBeInstanceOf(EncodeError);
        expect((error as ClientError | EncodeError).param).toMatch(/./);
      }
    }),
    { numRuns: 500 },
  );
});
