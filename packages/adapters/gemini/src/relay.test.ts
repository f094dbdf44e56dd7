import { relayChunks } from "@headgate/adapter-kit/contract-suite";
import { describe, expect, it } from "vitest";
import gemini from "./index.ts";

const { native } = gemini.chat;
const event = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const text = event({ candidates: [{ content: { parts: [{ text: "ä", unknown: 1 }] } }] });
const last = event({ candidates: [{ content: { parts: [] }, finishReason: "STOP" }] });

describe("relaying Gemini's stream to a client of the same wire", () => {
  it("passes events byte for byte, unknown fields and all, and adds nothing at the end", () => {
    const { pieces } = relayChunks(native, [Buffer.from(text + last)], false);
    expect(pieces.map(({ kind }) => kind)).toEqual(["content", "end"]);
    expect(Buffer.concat(pieces.map(({ bytes }) => bytes)).toString("utf8")).toBe(text + last);
  });

  it("holds events without content until there is some", () => {
    const hold = event({ usageMetadata: { promptTokenCount: 3 } });
    const { pieces } = relayChunks(native, [Buffer.from(hold + text + last)], false);
    expect(pieces.map(({ kind, bytes }) => [kind, bytes.toString("utf8")])).toEqual([
      ["hold", hold],
      ["content", text + last],
      ["end", ""],
    ]);
  });

  it("rewrites events of other forms to the one that every client reads", () => {
    const odd = text.replace("data: ", "data:").replaceAll("\n", "\r\n");
    const { pieces } = relayChunks(native, [Buffer.from(`: ping\n\n${odd}${last}`)], false);
    expect(pieces[0]).toEqual({ kind: "comment", bytes: Buffer.from(": ping\n\n") });
    expect(pieces[1]?.bytes.toString("utf8")).toBe(text + last);
  });
});

describe("inspecting a whole answer", () => {
  it("ignores a finish reason inside the model's text", () => {
    const quoted = { text: '"finishReason": "STOP"' };
    const body = { candidates: [{ content: { parts: [quoted] }, finishReason: "MALFORMED_FUNCTION_CALL" }] };
    expect(native.inspectBody(Buffer.from(JSON.stringify(body)))).toMatchObject({
      ok: false,
      error: { class: "malformed" },
    });
  });

  it("passes an answer that a filter stopped", () => {
    const body = { candidates: [{ finishReason: "SAFETY" }] };
    expect(native.inspectBody(Buffer.from(JSON.stringify(body)))).toEqual({ ok: true });
  });
});
