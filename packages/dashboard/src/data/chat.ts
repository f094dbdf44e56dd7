/** A conversation with one model, streamed. What comes is gathered and shown ten times a second. */
import { useCallback, useEffect, useRef, useState } from "react";
import { errorOf } from "./api.ts";
import { ChatStream } from "./stream.ts";

export interface ToolCall {
  readonly id?: string;
  readonly name: string;
  readonly arguments: string;
}
export interface Answer {
  readonly state: "running" | "done" | "stopped" | "failed";
  readonly text: string;
  readonly reasoning: string;
  readonly tools: readonly ToolCall[];
  readonly error?: string;
  readonly requestId?: string;
}
export interface Question {
  readonly text: string;
  /** A data: URL. */
  readonly image?: string;
}
export interface Turn {
  readonly id: string;
  readonly question: Question;
  readonly answer: Answer;
}
export interface ChatOptions {
  readonly system: string;
  readonly temperature: string;
  readonly maxTokens: string;
  readonly tools: readonly unknown[] | undefined;
}

const SHOW_MS = 100;
const NOTHING: Answer = { state: "running", text: "", reasoning: "", tools: [] };

/** The body that is sent, also as code. */
export function chatBody(model: string, turns: readonly Turn[], question: Question, options: ChatOptions) {
  const past = turns.flatMap(({ question: asked, answer }) =>
    answer.text === "" ? [] : [userMessage(asked), { role: "assistant", content: answer.text }],
  );
  const { system, temperature, maxTokens, tools } = options;
  return {
    model,
    messages: [
      ...(system.trim() === "" ? [] : [{ role: "system", content: system }]),
      ...past,
      userMessage(question),
    ],
    ...(temperature === "" ? {} : { temperature: Number(temperature) }),
    ...(maxTokens === "" ? {} : { max_tokens: Number(maxTokens) }),
    ...(tools === undefined || tools.length === 0 ? {} : { tools }),
  };
}

const userMessage = ({ text, image }: Question) => ({
  role: "user",
  content:
    image === undefined
      ? text
      : [
          { type: "text", text },
          { type: "image_url", image_url: { url: image } },
        ],
});

export function useChat(model: string) {
  const [turns, setTurns] = useState<readonly Turn[]>([]);
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);

  const send = useCallback(
    async (question: Question, options: ChatOptions): Promise<void> => {
      const ended = new AbortController();
      running.current = ended;
      const body = {
        ...chatBody(model, turns, question, options),
        stream: true,
        stream_options: { include_usage: true },
      };
      const id = `${Date.now()} ${turns.length}`;
      let answer = NOTHING;
      setTurns((before) => [...before, { id, question, answer }]);
      const show = (): void =>
        setTurns((before) => before.map((turn) => (turn.id === id ? { ...turn, answer } : turn)));
      const timer = setInterval(show, SHOW_MS);
      try {
        await readAnswer(body, ended.signal, (change) => {
          answer = { ...answer, ...change(answer) };
        });
        answer = { ...answer, state: answer.error === undefined ? "done" : "failed" };
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        answer = ended.signal.aborted
          ? { ...answer, state: "stopped" }
          : { ...answer, state: "failed", error: why };
      } finally {
        clearInterval(timer);
        show();
      }
    },
    [model, turns],
  );
  const stop = useCallback(() => running.current?.abort(), []);
  const clear = useCallback(() => setTurns([]), []);
  return { turns, send, stop, clear, busy: turns.at(-1)?.answer.state === "running" };
}

type Update = (change: (answer: Answer) => Partial<Answer>) => void;

async function readAnswer(body: object, signal: AbortSignal, update: Update): Promise<void> {
  const response = await fetch("/admin/v1/chat/completions", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });
  const requestId = response.headers.get("x-request-id");
  if (requestId !== null) update(() => ({ requestId }));
  if (!response.ok || response.body === null)
    throw errorOf(response, await response.json().catch(() => undefined));
  const stream = new ChatStream();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await reader.read();
    for (const delta of done ? stream.end() : stream.push(value)) {
      update((answer) => ({
        text: answer.text + (delta.content ?? ""),
        reasoning: answer.reasoning + (delta.reasoning ?? ""),
        tools: withCalls(answer.tools, delta.tools ?? []),
        ...(delta.error === undefined ? {} : { error: delta.error }),
      }));
    }
    if (done) return;
  }
}

function withCalls(
  before: readonly ToolCall[],
  pieces: readonly {
    readonly index: number;
    readonly id?: string;
    readonly name?: string;
    readonly arguments?: string;
  }[],
): readonly ToolCall[] {
  if (pieces.length === 0) return before;
  const calls = [...before];
  for (const { index, id, name = "", arguments: text = "" } of pieces) {
    const call = calls[index] ?? { name: "", arguments: "" };
    calls[index] = {
      ...call,
      ...(id === undefined ? {} : { id }),
      name: call.name + name,
      arguments: call.arguments + text,
    };
  }
  return calls;
}
