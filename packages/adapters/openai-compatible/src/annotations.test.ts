import { foldEvents } from "@headgate/adapter-kit";
import { cutAt, decodeChunks } from "@headgate/adapter-kit/contract-suite";
import { expect, it } from "vitest";
import openAi from "./index.ts";

const cited = { url: "https://a.example/1", title: "One", start_index: 3, end_index: 7 };
const annotations = [
  { type: "url_citation", url_citation: { ...cited, content: "quoted there" } },
  { type: "url_citation", url_citation: { url: "https://a.example/2" } },
  { type: "file", file: { hash: "x" } },
  { type: "url_citation", url_citation: { title: "no address" } },
];
const citations = [
  { url: cited.url, title: "One", start: 3, end: 7, citedText: "quoted there" },
  { url: "https://a.example/2", start: 0, end: 8 },
];
const TEXT = "🦆 is here";

const whole = (message: object, more: object = {}) =>
  foldEvents(
    openAi.chat.decodeBody(
      Buffer.from(JSON.stringify({ choices: [{ message, finish_reason: "stop" }], ...more })),
    ),
  );
const streamed = (...chunks: object[]) => {
  const bytes = Buffer.from(chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join(""));
  const events = decodeChunks(openAi.chat, [bytes, Buffer.from("data: [DONE]\n\n")]);
  expect(
    decodeChunks(openAi.chat, cutAt(bytes, [...bytes.keys()]).concat(Buffer.from("data: [DONE]\n\n"))),
  ).toEqual(events);
  return events;
};
const delta = (fields: object, finish: string | null = null) => ({
  choices: [{ index: 0, delta: fields, finish_reason: finish }],
});

it("reads the annotations of a message that have a URL", () => {
  expect(whole({ content: "🦆 is her", annotations })).toMatchObject({ citations, complete: true });
  expect(whole({ content: "x", annotations: [] })).not.toHaveProperty("citations");
});

it("reads them from a stream, as they arrive and in any chunks", () => {
  const events = streamed(
    delta({ content: "🦆 is " }),
    delta({ content: "her" }),
    delta({ annotations }),
    delta({}, "stop"),
  );
  expect(foldEvents(events)).toMatchObject({ text: "🦆 is her", citations });
  expect(events.findIndex(({ type }) => type === "citation")).toBeLessThan(
    events.findIndex(({ type }) => type === "finish"),
  );
});

it("reads a bare list of URLs, each once, as sources of the whole text", () => {
  const list = ["https://x.example/a", "https://x.example/b"];
  const sources = list.map((url) => ({ url, start: 0, end: 9 }));
  expect(whole({ content: TEXT }, { citations: list })).toMatchObject({ citations: sources });
  const repeated = streamed(
    { ...delta({ content: "🦆 is" }), citations: list.slice(0, 1) },
    { ...delta({ content: " here" }), citations: list },
    { ...delta({}, "stop"), citations: list },
    {
      choices: [],
      usage: { prompt_tokens: 1, completion_tokens: 2 },
      citations: [...list, "https://x.example/c"],
    },
  );
  expect(foldEvents(repeated)).toMatchObject({
    citations: [...sources, { url: "https://x.example/c", start: 0, end: 9 }],
  });
});
