import type { ChatEvent, JsonObject } from "@headgate/contract";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeMessage } from "./encode-body.ts";
import { MessageStreamEncoder } from "./encode-stream.ts";

const identity = { id: "msg_1", model: "m", showThinking: true };

interface Frame extends JsonObject {
  readonly type: string;
}

/** The events of a stream; each one's name must be its data's type. */
function stream(events: readonly ChatEvent[], showThinking = true): Frame[] {
  const encoder = new MessageStreamEncoder({ ...identity, showThinking });
  const pieces = events.map((event) => (event.type === "end" ? encoder.end() : encoder.encode(event)));
  const texts = pieces.map((piece) => piece?.toString("utf8") ?? "");
  // Some parsers reset on every read: an event is never spread over two writes.
  for (const piece of texts) expect(piece === "" || piece.endsWith("\n\n")).toBe(true);
  const text = texts.join("");
  return text
    .split("\n\n")
    .filter((block) => block !== "")
    .map((block) => {
      const match = /^event: (\S+)\ndata: (.*)$/.exec(block);
      const data = JSON.parse(match?.[2] ?? "") as Frame;
      expect(data.type).toBe(match?.[1]);
      return data;
    });
}

/** Puts the content together as clients do, and insists on the order the API promises. */
function assemble(frames: readonly Frame[]): { content: JsonObject[]; delta: JsonObject; usage: JsonObject } {
  const content: Record<string, unknown>[] = [];
  let open = false;
  const inputs: string[] = [];
  expect(frames[0]?.type).toBe("message_start");
  expect(frames.slice(-2).map(({ type }) => type)).toEqual(["message_delta", "message_stop"]);
  for (const frame of frames.slice(1, -2)) {
    if (frame.type === "ping") continue;
    if (frame.type === "content_block_start") {
      expect(open).toBe(false);
      expect(frame.index).toBe(content.length);
      content.push({ ...(frame.content_block as JsonObject) });
      inputs.push("");
      open = true;
      continue;
    }
    expect(open).toBe(true);
    const at = content.length - 1;
    expect(frame.index).toBe(at);
    const block = content[at] ?? {};
    if (frame.type === "content_block_stop") {
      open = false;
      if (block.type === "tool_use") block.input = JSON.parse(inputs[at] === "" ? "{}" : (inputs[at] ?? ""));
      continue;
    }
    expect(frame.type).toBe("content_block_delta");
    const delta = frame.delta as Record<string, string>;
    if (delta.type === "text_delta") block.text = String(block.text) + delta.text;
    else if (delta.type === "thinking_delta") block.thinking = String(block.thinking) + delta.thinking;
    else if (delta.type === "signature_delta") block.signature = delta.signature;
    else if (delta.type === "input_json_delta") inputs[at] += delta.partial_json ?? "";
    else throw new Error(`unknown delta ${delta.type}`);
  }
  expect(open).toBe(false);
  const last: JsonObject = frames.at(-2) ?? {};
  return {
    content: content as JsonObject[],
    delta: last.delta as JsonObject,
    usage: last.usage as JsonObject,
  };
}

const call = (index: number, args: string, id?: string): ChatEvent => ({
  type: "tool-call",
  index,
  arguments: args,
  ...(id === undefined ? {} : { id, name: "f" }),
});
const finish = (reason: "stop" | "tool_calls" | "length" | "content_filter"): ChatEvent => ({
  type: "finish",
  reason,
});
const END: ChatEvent = { type: "end" };

describe("a message stream", () => {
  it("opens blocks one after another, with growing indices", () => {
    const frames = stream([
      { type: "start", model: "real-model" },
      { type: "reasoning", text: "Let me" },
      { type: "reasoning", text: " see" },
      { type: "text", text: "It" },
      { type: "text", text: " rains" },
      call(0, '{"a"', "c0"),
      call(0, ":1}"),
      call(1, "{}", "c1"),
      finish("tool_calls"),
      {
        type: "usage",
        usage: {
          inputTokens: 100,
          outputTokens: 7,
          cachedInputTokens: 60,
          cacheWriteInputTokens: 30,
          reasoningTokens: 2,
        },
      },
      END,
    ]);
    expect(frames.map(({ type }) => type)).toEqual([
      "message_start",
      "ping",
      ...["content_block_start", "content_block_delta", "content_block_delta", "content_block_stop"],
      ...["content_block_start", "content_block_delta", "content_block_delta", "content_block_stop"],
      ...["content_block_start", "content_block_delta", "content_block_delta", "content_block_stop"],
      ...["content_block_start", "content_block_delta", "content_block_stop"],
      "message_delta",
      "message_stop",
    ]);
    expect(frames[0]?.message).toMatchObject({
      id: "msg_1",
      model: "real-model",
      role: "assistant",
      content: [],
    });
    const { content, delta, usage } = assemble(frames);
    expect(content).toEqual([
      { type: "thinking", thinking: "Let me see", signature: "" },
      { type: "text", text: "It rains" },
      { type: "tool_use", id: "c0", name: "f", input: { a: 1 } },
      { type: "tool_use", id: "c1", name: "f", input: {} },
    ]);
    expect(delta).toMatchObject({ stop_reason: "tool_use", stop_sequence: null });
    expect(usage).toMatchObject({
      input_tokens: 10,
      cache_read_input_tokens: 60,
      cache_creation_input_tokens: 30,
      output_tokens: 7,
      output_tokens_details: { thinking_tokens: 2 },
    });
  });

  it("writes each event as it comes, holding nothing back", () => {
    const encoder = new MessageStreamEncoder(identity);
    expect(encoder.encode({ type: "reasoning", text: "a" })?.toString()).toContain('"thinking":"a"');
    expect(encoder.encode({ type: "text", text: "b" })?.toString()).toContain('"text":"b"');
    expect(encoder.encode(call(0, '{"x', "c"))?.toString()).toContain('"partial_json":"{\\"x"');
    expect(encoder.encode(call(0, '":1'))?.toString()).toContain('"partial_json":"\\":1"');
  });

  it("is a message even without content", () => {
    const { content, delta } = assemble(stream([finish("stop"), END]));
    expect(content).toEqual([]);
    expect(delta.stop_reason).toBe("end_turn");
  });

  it.each([
    ["stop", "end_turn"],
    ["length", "max_tokens"],
    ["tool_calls", "tool_use"],
    ["content_filter", "refusal"],
  ] as const)("gives %s as %s", (reason, stop) => {
    const events: ChatEvent[] = [{ type: "text", text: "x" }, finish(reason), END];
    expect(assemble(stream(events)).delta.stop_reason).toBe(stop);
    expect(JSON.parse(encodeMessage(events, identity).toString()).stop_reason).toBe(stop);
  });

  it("stops for a refusal and for a tool call whatever the upstream calls it", () => {
    const refused: ChatEvent[] = [{ type: "refusal", text: "No." }, finish("stop"), END];
    expect(assemble(stream(refused))).toMatchObject({
      content: [{ type: "text", text: "No." }],
      delta: { stop_reason: "refusal" },
    });
    expect(assemble(stream([call(0, "{}", "c"), finish("stop"), END])).delta.stop_reason).toBe("tool_use");
  });

  it("holds a call that is interleaved with another, and streams one that is not", () => {
    const encoder = new MessageStreamEncoder(identity);
    encoder.encode(call(0, '{"a":"}', "c0"));
    expect(encoder.encode(call(1, '{"b":', "c1"))?.length).toBe(0);
    expect(encoder.encode(call(1, "2}"))?.length).toBe(0);
    expect(encoder.encode(call(0, '"}'))?.toString()).toContain('"id":"c1"');
    expect(encoder.encode(call(2, '{"c":3}', "c2"))?.toString()).toContain('"id":"c2"');
    // A late empty piece of a call that is over opens nothing.
    expect(encoder.encode(call(0, ""))?.length).toBe(0);
  });

  it("gives a call without an id a unique one", () => {
    const nameless: ChatEvent = { type: "tool-call", index: 0, name: "f", arguments: "{}" };
    const [first] = assemble(stream([nameless, finish("tool_calls"), END])).content;
    expect(first?.id).toBe("toolu_1_0");
  });

  it("leaves out thinking that the client turned off, and keeps the connection alive meanwhile", () => {
    const events: ChatEvent[] = [
      { type: "reasoning", text: "hm" },
      { type: "text", text: "x" },
      finish("stop"),
      END,
    ];
    const frames = stream(events, false);
    expect(assemble(frames).content).toEqual([{ type: "text", text: "x" }]);
    expect(frames.filter(({ type }) => type === "ping").length).toBeGreaterThan(1);
    const whole = JSON.parse(encodeMessage(events, { ...identity, showThinking: false }).toString());
    expect(whole.content).toEqual([{ type: "text", text: "x" }]);
  });

  const argumentsOf = fc
    .dictionary(
      fc.string({ maxLength: 4 }),
      fc.oneof(fc.string(), fc.integer(), fc.array(fc.string(), { maxLength: 2 })),
    )
    .map((value) => JSON.stringify(value));
  const answer = fc.record({
    reasoning: fc.array(fc.string({ minLength: 1 }), { maxLength: 3 }),
    text: fc.array(fc.string({ minLength: 1 }), { maxLength: 3 }),
    calls: fc.array(fc.tuple(argumentsOf, fc.array(fc.nat(40), { maxLength: 3 })), { maxLength: 3 }),
    order: fc.array(fc.nat(20), { maxLength: 12 }),
  });

  it("equals the whole message, however calls are cut and interleaved", () => {
    fc.assert(
      fc.property(answer, ({ reasoning, text, calls, order }) => {
        const queues = calls.map(([json, cuts], index) => {
          const edges = [0, ...cuts.filter((at) => at < json.length).sort((a, b) => a - b), json.length];
          return edges
            .slice(1)
            .map((edge, at) => call(index, json.slice(edges[at], edge), at === 0 ? `c${index}` : undefined));
        });
        const woven: ChatEvent[] = queues
          .map((queue) => queue.shift())
          .filter((piece) => piece !== undefined);
        for (const pick of [...order, ...queues.flatMap((queue, at) => queue.map(() => at))]) {
          const piece = queues[pick % Math.max(1, queues.length)]?.shift();
          if (piece !== undefined) woven.push(piece);
        }
        for (const queue of queues) woven.push(...queue);
        const events: ChatEvent[] = [
          ...reasoning.map((piece) => ({ type: "reasoning", text: piece }) as const),
          ...text.map((piece) => ({ type: "text", text: piece }) as const),
          ...woven,
          finish("stop"),
          END,
        ];
        const whole = JSON.parse(encodeMessage(events, identity).toString());
        const streamed = assemble(stream(events));
        expect(streamed.content).toEqual(whole.content);
        expect(streamed.delta.stop_reason).toBe(whole.stop_reason);
      }),
      { numRuns: 200 },
    );
  });
});
