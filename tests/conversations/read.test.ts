/** Each surface's client reads a streamed answer as it reads the whole one, and sends both back alike. */
import { healthy, startLab } from "@headgate/upstream-lab";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startGateway, type TestGateway } from "../support/gateway.ts";
import { SURFACES, type SurfaceId } from "../support/matrix-surfaces.ts";
import { comparable } from "./exact.ts";
import { conversationOf } from "./generate.ts";
import { WRITERS } from "./surfaces.ts";

let lab: Awaited<ReturnType<typeof startLab>>;
let gateway: TestGateway;

beforeAll(async () => {
  lab = await startLab();
  gateway = await startGateway([
    { id: "first", baseUrl: lab.baseUrl, models: [{ alias: "alpha", upstream: "up-alpha" }] },
  ]);
});
afterAll(async () => {
  await gateway.close();
  await lab.close();
});

it.each(Object.keys(SURFACES) as SurfaceId[])("%s", async (surface) => {
  lab.behave(
    "up-alpha",
    healthy({
      reasoning: ["Let me ", "see."],
      text: ["I call ", "two."],
      toolCalls: [
        { name: "get_weather", arguments: ['{"city":', '"Graz"}'] },
        { name: "get_weather", arguments: ['{"city":"Linz"}'] },
      ],
    }),
  );
  const conversation = conversationOf(1, "reasoning turns");
  const read = async (stream: boolean) => {
    const request = WRITERS[surface].write(conversation, "alpha", stream);
    const response = await gateway.fetch(request?.path ?? "", {
      method: "POST",
      body: JSON.stringify(request?.body),
      headers: { "anthropic-version": "2023-06-01" },
    });
    expect(response.status).toBe(200);
    return WRITERS[surface].read(await response.text(), stream);
  };
  for (const heard of [await read(false), await read(true)]) {
    expect(heard).toMatchObject({ text: "I call two.", reasoning: "Let me see.", whole: true });
    expect(heard.calls.map((call) => [call.name, comparable(call.arguments)])).toEqual([
      ["get_weather", '{"city":"Graz"}'],
      ["get_weather", '{"city":"Linz"}'],
    ]);
    const sentBack = WRITERS[surface].write(
      { ...conversation, turns: [...conversation.turns, { kind: "answer", surface, items: heard.items }] },
      "alpha",
      false,
    );
    for (const word of ["Let me see.", "I call two.", "Graz", "Linz"]) {
      expect(JSON.stringify(sentBack?.body)).toContain(word);
    }
  }
});
