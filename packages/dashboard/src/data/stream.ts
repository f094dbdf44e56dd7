/** A streamed chat answer, byte by byte as it comes. Pure: text in, events out. */

export interface ChatDelta {
  readonly content?: string;
  readonly reasoning?: string;
  readonly tools?: readonly {
    readonly index: number;
    readonly id?: string;
    readonly name?: string;
    readonly arguments?: string;
  }[];
  readonly usage?: { readonly input: number; readonly output: number };
  readonly finish?: string;
  readonly error?: string;
}

interface Frame {
  readonly choices?: readonly {
    readonly delta?: {
      readonly content?: string | null;
      readonly reasoning_content?: string | null;
      readonly reasoning?: string | null;
      readonly tool_calls?: readonly {
        readonly index?: number;
        readonly id?: string;
        readonly function?: { readonly name?: string; readonly arguments?: string };
      }[];
    };
    readonly finish_reason?: string | null;
  }[];
  readonly usage?: { readonly prompt_tokens?: number; readonly completion_tokens?: number } | null;
  readonly error?: { readonly message?: string };
}

/** Takes text in pieces of any length; a frame may be cut anywhere. */
export class ChatStream {
  #rest = "";

  /** @returns what the piece completes */
  push(text: string): readonly ChatDelta[] {
    const lines = (this.#rest + text).split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    return lines.flatMap((line) => deltaOf(line) ?? []);
  }

  end(): readonly ChatDelta[] {
    const line = this.#rest;
    this.#rest = "";
    return [deltaOf(line)].flatMap((delta) => delta ?? []);
  }
}

function deltaOf(line: string): ChatDelta | undefined {
  if (!line.startsWith("data:")) return undefined;
  const data = line.slice(5).trim();
  if (data === "" || data === "[DONE]") return undefined;
  let frame: Frame;
  try {
    frame = JSON.parse(data) as Frame;
  } catch {
    return { error: "The stream holds an event that is no JSON." };
  }
  const [choice] = frame.choices ?? [];
  const { content, reasoning_content, reasoning, tool_calls } = choice?.delta ?? {};
  const thought = reasoning_content ?? reasoning;
  return {
    ...(content ? { content } : {}),
    ...(thought ? { reasoning: thought } : {}),
    ...(tool_calls === undefined
      ? {}
      : {
          tools: tool_calls.map((call, at) => ({
            index: call.index ?? at,
            ...(call.id === undefined ? {} : { id: call.id }),
            ...(call.function?.name === undefined ? {} : { name: call.function.name }),
            ...(call.function?.arguments === undefined ? {} : { arguments: call.function.arguments }),
          })),
        }),
    ...(frame.usage == null
      ? {}
      : { usage: { input: frame.usage.prompt_tokens ?? 0, output: frame.usage.completion_tokens ?? 0 } }),
    ...(choice?.finish_reason ? { finish: choice.finish_reason } : {}),
    ...(frame.error === undefined ? {} : { error: frame.error.message ?? "The stream ended with an error." }),
  };
}
