/** GET /openapi.json: the routes of clients. Their bodies are those of OpenAI's and Anthropic's APIs, of which the gist is here. */
import type { JsonObject } from "@headgate/contract";
import {
  anything,
  documentOf,
  flag,
  list,
  number,
  oneOf,
  open,
  orNull,
  type Paths,
  ref,
  type Schema,
  text,
  whole,
  words,
} from "./schema.ts";

const MODEL = { model: text };
const INPUT = oneOf(text, list(text), list(whole), list(list(whole)));
const AUDIO = { file: { type: "string", format: "binary" } satisfies Schema };

const SCHEMAS: Readonly<Record<string, Schema>> = {
  Model: open({ id: text, object: words("model"), created: whole, owned_by: text }),
  ChatRequest: open(
    { ...MODEL, messages: list(open({ role: text })) },
    {
      stream: flag,
      temperature: orNull(number),
      max_tokens: orNull(whole),
      tools: list(anything),
      tool_choice: anything,
      response_format: anything,
    },
  ),
  ChatCompletion: open({
    id: text,
    object: words("chat.completion"),
    created: whole,
    model: text,
    choices: list(open({ index: whole, message: open({ role: text }), finish_reason: orNull(text) })),
  }),
  Message: open({
    id: text,
    type: words("message"),
    role: words("assistant"),
    model: text,
    content: list(open({ type: text })),
    stop_reason: orNull(text),
    usage: open({ input_tokens: whole, output_tokens: whole }),
  }),
  Response: open({ id: text, object: text, status: text, output: list(open({ type: text })) }),
  File: open({
    id: text,
    object: words("file"),
    bytes: whole,
    created_at: whole,
    filename: text,
    purpose: text,
  }),
  Batch: open({
    id: text,
    object: words("batch"),
    endpoint: text,
    status: text,
    input_file_id: text,
    output_file_id: orNull(text),
    error_file_id: orNull(text),
    request_counts: open({ total: whole, completed: whole, failed: whole }),
  }),
  MessageBatch: open({
    id: text,
    type: words("message_batch"),
    processing_status: words("in_progress", "canceling", "ended"),
    request_counts: open({
      processing: whole,
      succeeded: whole,
      errored: whole,
      canceled: whole,
      expired: whole,
    }),
    results_url: orNull(text),
  }),
  Embeddings: open({
    object: words("list"),
    data: list(open({ object: words("embedding"), index: whole, embedding: oneOf(list(number), text) })),
    model: text,
  }),
};

const PATHS: Paths = {
  "/v1/models": {
    get: {
      summary: "Every name that the client may ask for.",
      answers: { 200: open({ object: words("list"), data: list(ref("Model")) }) },
    },
  },
  "/v1/models/{id}": { get: { summary: "One model.", answers: { 200: ref("Model") } } },
  "/v1/model/info": {
    get: { summary: "The models, in LiteLLM's form.", answers: { 200: open({ data: list(anything) }) } },
  },
  "/v1/chat/completions": {
    post: {
      summary: "A chat completion; with `stream`, server-sent events.",
      body: ref("ChatRequest"),
      answers: { 200: ref("ChatCompletion") },
    },
  },
  "/v1/completions": {
    post: {
      summary: "A text completion.",
      body: open({ ...MODEL, prompt: anything }),
      answers: { 200: open({ object: text, choices: list(open({ text })) }) },
    },
  },
  "/v1/messages": {
    post: {
      summary: "Anthropic's Messages API.",
      body: open({ ...MODEL, messages: list(open({ role: text })), max_tokens: whole }),
      answers: { 200: ref("Message") },
    },
  },
  "/v1/messages/count_tokens": {
    post: {
      summary: "The tokens of a prompt.",
      body: open({ ...MODEL, messages: list(open({ role: text })) }),
      answers: { 200: open({ input_tokens: whole }) },
    },
  },
  "/v1/responses": {
    post: {
      summary: "OpenAI's Responses API.",
      body: open(MODEL, { input: anything }),
      answers: { 200: ref("Response") },
    },
  },
  "/v1/responses/compact": {
    post: {
      summary: "A shorter form of a conversation.",
      body: open(MODEL),
      answers: { 200: open({ object: text }) },
    },
  },
  "/v1/responses/input_tokens": {
    post: {
      summary: "The tokens of an input.",
      body: open(MODEL),
      answers: { 200: open({ input_tokens: whole }) },
    },
  },
  "/v1/responses/{id}": {
    get: { summary: "A stored response.", answers: { 200: ref("Response") } },
    delete: { summary: "Deletes a stored response.", answers: { 200: open({ id: text, deleted: flag }) } },
  },
  "/v1/responses/{id}/cancel": {
    post: { summary: "Cancels a response.", answers: { 200: ref("Response") } },
  },
  "/v1/responses/{id}/input_items": {
    get: {
      summary: "The input of a stored response.",
      answers: { 200: open({ object: text, data: list(anything) }) },
    },
  },
  "/v1/embeddings": {
    post: {
      summary: "Embeddings.",
      body: open({ ...MODEL, input: INPUT }),
      answers: { 200: ref("Embeddings") },
    },
  },
  "/v1/rerank": {
    post: {
      summary: "Documents by their relevance.",
      body: open({ ...MODEL, query: text, documents: list(anything) }),
      answers: { 200: open({ results: list(open({ index: whole, relevance_score: number })) }) },
    },
  },
  "/v1/moderations": {
    post: {
      summary: "Moderation.",
      body: open({ input: anything }),
      answers: { 200: open({ results: list(anything) }) },
    },
  },
  "/v1/images/generations": {
    post: {
      summary: "Pictures.",
      body: open({ ...MODEL, prompt: text }),
      answers: { 200: open({ data: list(anything) }) },
    },
  },
  "/v1/audio/speech": {
    post: {
      summary: "Speech.",
      body: open({ ...MODEL, input: text, voice: text }),
      answers: { 200: text },
      type: "audio/*",
    },
  },
  "/v1/audio/voices": { get: { summary: "Voices.", answers: { 200: open({}) } } },
  "/v1/audio/transcriptions": {
    post: {
      summary: "A transcription.",
      form: open({ ...MODEL, ...AUDIO }),
      answers: { 200: open({ text }) },
    },
  },
  "/v1/audio/translations": {
    post: {
      summary: "A translation into English.",
      form: open({ ...MODEL, ...AUDIO }),
      answers: { 200: open({ text }) },
    },
  },
  "/v1/files": {
    post: {
      summary: "Keeps a file of a batch.",
      form: open({ purpose: words("batch"), file: { type: "string", format: "binary" } }),
      answers: { 200: ref("File") },
    },
    get: {
      summary: "The files.",
      query: { limit: text, after: text, purpose: text },
      answers: { 200: open({ object: words("list"), data: list(ref("File")), has_more: flag }) },
    },
  },
  "/v1/files/{id}": {
    get: { summary: "One file.", answers: { 200: ref("File") } },
    delete: { summary: "Deletes a file.", answers: { 200: open({ id: text, deleted: flag }) } },
  },
  "/v1/files/{id}/content": {
    get: { summary: "What a file holds.", answers: { 200: text }, type: "application/octet-stream" },
  },
  "/v1/batches": {
    post: {
      summary: "Runs the requests of a file when limits leave room.",
      body: open({ input_file_id: text, endpoint: text, completion_window: text }, { metadata: anything }),
      answers: { 200: ref("Batch") },
    },
    get: {
      summary: "The batches.",
      query: { limit: text, after: text },
      answers: { 200: open({ object: words("list"), data: list(ref("Batch")), has_more: flag }) },
    },
  },
  "/v1/batches/{id}": { get: { summary: "One batch.", answers: { 200: ref("Batch") } } },
  "/v1/batches/{id}/cancel": {
    post: { summary: "Cancels a batch.", answers: { 200: ref("Batch") } },
  },
  "/v1/messages/batches": {
    post: {
      summary: "Anthropic's message batches.",
      body: open({ requests: list(open({ custom_id: text, params: anything })) }),
      answers: { 200: ref("MessageBatch") },
    },
    get: {
      summary: "The message batches.",
      query: { limit: text, after_id: text, before_id: text },
      answers: { 200: open({ data: list(ref("MessageBatch")), has_more: flag }) },
    },
  },
  "/v1/messages/batches/{id}": {
    get: { summary: "One message batch.", answers: { 200: ref("MessageBatch") } },
    delete: {
      summary: "Deletes a message batch that is over.",
      answers: { 200: open({ id: text, type: text }) },
    },
  },
  "/v1/messages/batches/{id}/cancel": {
    post: { summary: "Cancels a message batch.", answers: { 200: ref("MessageBatch") } },
  },
  "/v1/messages/batches/{id}/results": {
    get: { summary: "The results, one line each.", answers: { 200: text }, type: "application/x-jsonl" },
  },
  "/v1/quota": {
    get: {
      summary: "What is left for this client.",
      query: { model: text },
      answers: {
        200: open({ client: text, at: text, limits: list(anything), models: list(anything) }),
      },
    },
  },
};

export const v1Document = (version: string): JsonObject =>
  documentOf("Headgate", version, PATHS, SCHEMAS, false);
