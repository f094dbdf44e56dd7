/** The requests of Codex to the Responses API, and the answers that it needs. */
import { connect } from "node:net";
import { geminiNeedsSignatures, healthy, status } from "@headgate/upstream-lab";
import { describe, expect, it } from "vitest";
import { CLIENT_KEY } from "./support/gateway.ts";
import { responsesBench, weather } from "./support/responses.ts";
import { expectConsistent, readEvents } from "./support/responses-schema.ts";

const bench = responsesBench();
const { post, sent, stream } = bench;

describe("Codex", () => {
  const codex = {
    instructions: "You are a coding agent.",
    store: false,
    include: ["reasoning.encrypted_content"],
    prompt_cache_key: "session-7",
    client_metadata: { originator: "codex_cli" },
    tool_choice: "auto",
    parallel_tool_calls: true,
    reasoning: { effort: "medium", summary: "auto" },
    text: { verbosity: "low" },
    tools: [
      { ...weather, strict: false },
      {
        type: "namespace",
        name: "mcp__files__",
        description: "Files",
        tools: [{ type: "function", name: "read", parameters: { type: "object", properties: {} } }],
      },
      { type: "web_search" },
    ],
  };
  const input = [
    { type: "message", role: "developer", content: [{ type: "input_text", text: "Stay in the sandbox." }] },
    { type: "message", id: "msg_own_1", role: "user", content: [{ type: "input_text", text: "Read it" }] },
  ];

  it("sends developer messages, its own ids, nested tools and web search; dropped fields are named", async () => {
    const response = await post({ ...codex, input, stream: true });
    expect(response.status).toBe(200);
    expect(response.headers.get("x-headgate-dropped-params")).toBe(
      "client_metadata,prompt_cache_key,tools[2]",
    );
    expect(readEvents(await response.text()).at(-1)?.type).toBe("response.completed");
    expect(sent()).toMatchObject({
      messages: [
        { role: "system", content: "You are a coding agent." },
        { role: "system", content: "Stay in the sandbox." },
        { role: "user", content: "Read it" },
      ],
      tools: [
        { function: { name: "get_weather", strict: false } },
        { function: { name: "mcp__files__read", description: "Files" } },
      ],
      reasoning_effort: "medium",
      verbosity: "low",
      tool_choice: "auto",
      parallel_tool_calls: true,
    });
    for (const name of ["client_metadata", "prompt_cache_key", "include", "store"])
      expect(sent()).not.toHaveProperty(name);
  });

  it("gets calls of nested tools under both names, and sends them back in the same form", async () => {
    bench.lab.behave(
      "up-alpha",
      healthy({ reasoning: ["Which?"], toolCalls: [{ name: "mcp__files__read", arguments: ["{}"] }] }),
    );
    const read = await stream({ ...codex, input });
    expectConsistent(read);
    const items = read
      .filter(({ type }) => type === "response.output_item.done")
      .map(({ item }) => item as Record<string, string>);
    const [thought, call] = items;
    expect(call).toMatchObject({ type: "function_call", name: "read", namespace: "mcp__files__" });
    const output = { type: "function_call_output", call_id: call?.call_id, output: "contents" };
    bench.lab.behave("up-alpha", healthy());
    await stream({ ...codex, input: [...input, thought, call, output] });
    expect((sent().messages as object[]).slice(-2)).toMatchObject([
      { role: "assistant", tool_calls: [{ id: call?.call_id, function: { name: "mcp__files__read" } }] },
      { role: "tool", tool_call_id: call?.call_id, content: "contents" },
    ]);
  });

  it("completes a loop of tools with an upstream that requires its seals, and continues with another", async () => {
    bench.lab.behave(
      "gemini-3-flash",
      geminiNeedsSignatures(healthy({ toolCalls: [{ name: "get_weather", arguments: ["{}"] }] })),
    );
    const ask = { ...codex, model: "flash", text: {}, tools: codex.tools.slice(0, 1) };
    const history: unknown[] = [...input];
    for (const step of [1, 2]) {
      const read = await stream({ ...ask, input: history });
      expectConsistent(read);
      expect(read.at(-1)?.type).toBe("response.completed");
      const items = read
        .filter(({ type }) => type === "response.output_item.done")
        .map(({ item }) => item as Record<string, string>);
      const call = items.find(({ type }) => type === "function_call");
      expect(call).toMatchObject({ name: "get_weather" });
      history.push(...items, {
        type: "function_call_output",
        call_id: call?.call_id,
        output: `Step ${step}: fog`,
      });
    }
    const steps = bench.lab.requests.length;
    bench.lab.behave("gemini-3-flash", geminiNeedsSignatures());
    expect((await stream({ ...ask, input: history })).at(-1)).toMatchObject({ response: { error: null } });
    expect(bench.lab.requests).toHaveLength(steps + 1);

    bench.lab.behave("gemini-3-flash", status(503));
    const elsewhere = await stream({ ...ask, input: history });
    expect(elsewhere.at(-1)).toMatchObject({ response: { model: "up-alpha", status: "completed" } });
    expect((sent().messages as { role: string }[]).map(({ role }) => role)).toEqual([
      "system",
      "system",
      "user",
      "assistant",
      "tool",
      "assistant",
      "tool",
    ]);
    expect(JSON.stringify(sent())).not.toContain("thoughtSignature");
  });

  it("tries a WebSocket first, gets 426, and continues over HTTP", async () => {
    const { hostname, port } = new URL(bench.gateway.url);
    const socket = connect(Number(port), hostname);
    const answered = new Promise<string>((resolve, reject) => {
      let text = "";
      socket.on("data", (chunk: Buffer) => {
        text += chunk.toString();
        if (text.includes("websocket_not_supported")) resolve(text);
      });
      socket.on("error", reject);
      socket.on("close", () => resolve(text));
    });
    socket.write(
      `GET /v1/responses HTTP/1.1\r\nhost: ${hostname}\r\nauthorization: Bearer ${CLIENT_KEY}\r\nconnection: Upgrade\r\n` +
        "upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    const text = await answered;
    socket.destroy();
    expect(text).toMatch(/^HTTP\/1\.1 426 Upgrade Required\r\n/);
    expect(text.toLowerCase()).toContain("\r\nupgrade: ");
    expect((await post({ input: "x" })).status).toBe(200);
  });
});

it("answers 404 to GET /v1/responses without an upgrade", async () => {
  expect((await bench.gateway.fetch("/v1/responses")).status).toBe(405);
});
