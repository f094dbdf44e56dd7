/** An upstream that answers every request of OpenAI's wires soundly, whatever it holds. */
import { createServer, type Server } from "node:http";
import type { JsonValue } from "@headgate/contract";
import { readAll } from "./server.ts";

const COMPLETION = JSON.stringify({
  id: "c",
  object: "chat.completion",
  created: 1,
  model: "m",
  choices: [{ index: 0, message: { role: "assistant", content: '{"a":1}' }, finish_reason: "stop" }],
  usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
});
const STREAM = [
  { choices: [{ index: 0, delta: { role: "assistant", content: '{"a":1}' }, finish_reason: null }] },
  { choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
  { choices: [], usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 } },
]
  .map(
    (chunk) =>
      `data: ${JSON.stringify({ id: "c", object: "chat.completion.chunk", created: 1, model: "m", ...chunk })}\n\n`,
  )
  .join("")
  .concat("data: [DONE]\n\n");

const JSON_TYPE = "application/json";
type Body = Readonly<Record<string, JsonValue | undefined>>;

const ANSWERS: Readonly<Record<string, (body: Body) => readonly [type: string, body: string | Buffer]>> = {
  "/v1/chat/completions": ({ stream }) =>
    stream === true ? ["text/event-stream", STREAM] : [JSON_TYPE, COMPLETION],
  "/v1/embeddings"({ input }) {
    const list: readonly JsonValue[] = Array.isArray(input) ? input : [input ?? ""];
    const count = typeof list[0] === "number" ? 1 : list.length;
    const data = Array.from({ length: count }, (_, index) => ({
      object: "embedding",
      index,
      embedding: [0.5, 1],
    }));
    return [
      JSON_TYPE,
      JSON.stringify({ object: "list", model: "m", data, usage: { prompt_tokens: 3, total_tokens: 3 } }),
    ];
  },
  "/v1/rerank"({ documents }) {
    const count = Array.isArray(documents) ? documents.length : 0;
    const results = Array.from({ length: count }, (_, index) => ({
      index,
      relevance_score: 1 / (index + 1),
    }));
    return [JSON_TYPE, JSON.stringify({ results, usage: { total_tokens: 3 } })];
  },
  "/v1/images/generations": () => [JSON_TYPE, '{"created":1,"data":[{"b64_json":"aGVsbG8="}]}'],
  "/v1/audio/speech": () => ["audio/mpeg", Buffer.from("sound")],
  "/v1/moderations": () => [JSON_TYPE, '{"id":"m","model":"m","results":[{"flagged":false}]}'],
};

export const healthyUpstream = (): Server =>
  createServer((request, response) => {
    void readAll(request).then((bytes) => {
      const answer = ANSWERS[request.url ?? ""];
      let body: Body;
      try {
        body = JSON.parse(bytes.toString()) as Body;
      } catch {
        body = {};
      }
      if (answer === undefined) return void response.writeHead(404).end();
      const [type, text] = answer(body);
      response.writeHead(200, { "content-type": type }).end(text);
    });
  });
