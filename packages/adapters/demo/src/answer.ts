/** Canned answers, the same for the same request. They show the gateway's path, not a model's ability. */
import type { Target } from "@headgate/adapter-kit";
import type { ChatEvent, ChatMessage, ChatRequest, FinishReason, Tool } from "@headgate/contract";
import { sampleOf } from "./sample.ts";

const MAX_QUOTE_CHARS = 200;
const WORDS_PER_PIECE = 3;
/** The usual rule of thumb; the demo has no tokeniser. */
const CHARS_PER_TOKEN = 4;

const ASKS_FOR_TOOL = /\b(call|use|invoke|run)\b.{0,40}\b(tool|function)/i;

export function answer(request: ChatRequest, target: Target): readonly ChatEvent[] {
  const { upstream } = target.deployment;
  const tool = toolToCall(request);
  const body = tool === undefined ? textEvents(request, target) : toolEvents(tool);
  const pieces = body.map((event) =>
    "text" in event ? event.text : "arguments" in event ? event.arguments : "",
  );
  const usage = {
    inputTokens: tokens(request.messages.map(textOf).join("")),
    outputTokens: tokens(pieces.join("")),
  };
  return [
    { type: "start", id: "chatcmpl-demo", model: upstream },
    ...body,
    { type: "usage", usage },
    { type: "end" },
  ];
}

/** The tool that is required, or that the user's text requests. After a tool's result there is an answer instead. */
function toolToCall({ tools, toolChoice, messages }: ChatRequest): Tool | undefined {
  const last = messages.at(-1);
  if (tools === undefined || toolChoice === "none" || last?.role === "tool") return undefined;
  if (typeof toolChoice === "object") return tools.find(({ name }) => name === toolChoice.name);
  const requested = last?.role === "user" && ASKS_FOR_TOOL.test(textOf(last));
  return toolChoice === "required" || requested ? tools[0] : undefined;
}

function toolEvents({ name, parameters }: Tool): ChatEvent[] {
  const args = JSON.stringify(parameters === undefined ? {} : sampleOf(parameters));
  const half = Math.ceil(args.length / 2);
  return [
    { type: "tool-call", index: 0, id: "call_demo_0", name, arguments: args.slice(0, half) },
    ...(half < args.length ? [{ type: "tool-call", index: 0, arguments: args.slice(half) } as const] : []),
    { type: "finish", reason: "tool_calls" },
  ];
}

function textEvents(request: ChatRequest, target: Target): ChatEvent[] {
  const whole = format(request, words(request, target));
  const room = (request.maxOutputTokens ?? Number.POSITIVE_INFINITY) * CHARS_PER_TOKEN;
  const text = whole.length > room ? whole.slice(0, room).toWellFormed() : whole;
  const reason: FinishReason = text.length < whole.length ? "length" : "stop";
  return [
    ...pieces(text).map((piece) => ({ type: "text", text: piece }) as const),
    { type: "finish", reason },
  ];
}

function words({ messages }: ChatRequest, { deployment }: Target): string {
  const last = messages.at(-1);
  const quoted =
    last?.role === "tool"
      ? `The tool answered: "${quote(last)}".`
      : `You said: "${quote(messages.findLast((message) => message.role === "user"))}".`;
  return (
    `This is a canned answer from Headgate's demo provider (${deployment.alias}); no model was asked. ${quoted} ` +
    "To get real answers, switch a provider on: set for example GROQ=1 and GROQ_API_KEY=… in .env, " +
    "then send one of its models, such as groq-llama-3.1-8b."
  );
}

function format({ responseFormat }: ChatRequest, text: string): string {
  if (responseFormat?.type === "json") return JSON.stringify({ answer: text });
  return responseFormat?.type === "json-schema" ? JSON.stringify(sampleOf(responseFormat.schema)) : text;
}

/** Several words each, white space kept, so that the pieces join to the text. */
function pieces(text: string): string[] {
  const found = text.match(/\s*\S+/g) ?? [];
  const out: string[] = [];
  for (let at = 0; at < found.length; at += WORDS_PER_PIECE) {
    out.push(found.slice(at, at + WORDS_PER_PIECE).join(""));
  }
  return out;
}

function quote(message: ChatMessage | undefined): string {
  const text = message === undefined ? "" : textOf(message).replace(/\s+/g, " ").trim();
  if (text.length <= MAX_QUOTE_CHARS) return text;
  return `${text.slice(0, MAX_QUOTE_CHARS).toWellFormed()}…`;
}

const textOf = ({ content }: ChatMessage): string =>
  content.map((part) => (part.type === "text" ? part.text : "")).join("");

const tokens = (text: string): number => Math.ceil(text.length / CHARS_PER_TOKEN);
