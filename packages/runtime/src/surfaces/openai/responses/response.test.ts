import type { ChatEvent, JsonObject } from "@headgate/contract";
import { describe, expect, it } from "vitest";
import { ClientError } from "../../../http/client-error.ts";
import { ResponseEncoder } from "./response.ts";
import { ToolNames } from "./tool-names.ts";

const encoder = (whole: JsonObject[] = []) =>
  new ResponseEncoder(
    {
      stem: "0".repeat(32),
      names: new ToolNames(),
      summary: false,
      callIds: new Set(),
      echo: {},
      nowMs: () => 9_999,
      onWhole: (response) => void whole.push(response),
    },
    "requested",
    5,
  );
const start: ChatEvent = { type: "start", model: "answering" };
const text: ChatEvent = { type: "text", text: "Hi" };
const read = (bytes: Buffer | undefined): JsonObject[] =>
  (bytes?.toString() ?? "")
    .split("\n\n")
    .filter((block) => block !== "")
    .map((block) => JSON.parse(block.slice(block.indexOf("data: ") + 6)) as JsonObject);

describe("a response", () => {
  it("names the model that answers, and when it began and ended", () => {
    const body = JSON.parse(encoder().body([start, text]).toString());
    expect(body).toMatchObject({ model: "answering", created_at: 5, completed_at: 9, status: "completed" });
    expect(read(encoder().encode(start))[0]).toMatchObject({
      type: "response.created",
      response: { model: "answering", status: "in_progress", output: [] },
    });
    expect(JSON.parse(encoder().body([text]).toString()).model).toBe("requested");
  });

  it("opens its stream first, even where the upstream sends no start", () => {
    const types = read(encoder().encode(text)).map(({ type }) => type);
    expect(types.slice(0, 3)).toEqual([
      "response.created",
      "response.in_progress",
      "response.output_item.added",
    ]);
    expect(read(encoder().end()).map(({ type }) => type)).toEqual([
      "response.created",
      "response.in_progress",
      "response.completed",
    ]);
  });

  it("is passed on once when it is whole, and never when it failed", () => {
    const whole: JsonObject[] = [];
    const done = encoder(whole);
    done.encode(text);
    done.end();
    expect(whole).toMatchObject([{ status: "completed", output: [{ status: "completed" }] }]);
    const broken = encoder(whole);
    broken.encode(text);
    const error = new ClientError({ status: 502, type: "upstream_error", code: "network", message: "cut" });
    expect(read(broken.fail(error)).map(({ type }) => type)).toEqual(["error", "response.failed"]);
    expect(whole).toHaveLength(1);
  });

  it("emits nothing for events without content", () => {
    const stream = encoder();
    stream.encode(start);
    expect(stream.encode({ type: "usage", usage: { inputTokens: 1, outputTokens: 1 } })).toBeUndefined();
    expect(stream.encode({ type: "text", text: "" })).toBeUndefined();
  });
});
