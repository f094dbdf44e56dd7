/** What a stream's client has received so far, from all upstreams. */
import { type ChatEvent, present, type Usage } from "@headgate/contract";
import { estimateTokens } from "./continuation-request.ts";

type ToolPiece = Extract<ChatEvent, { type: "tool-call" }>;

/** One upstream's part. */
export interface Part {
  /** True when it continued earlier text, which it then counted as input. */
  readonly continued: boolean;
  /** What it sent to the client: text and reasoning. */
  text: string;
  /** Its own count, where it gave one. */
  usage?: Usage;
  /** Its tool calls, held back until it has finished: half a call cannot be withdrawn. */
  readonly calls: ToolPiece[];
}

export class SentContent {
  readonly parts: Part[] = [];
  /** The answer's text. */
  text = "";
  /** True once reasoning was shown. */
  reasoned = false;
  /** True once a refusal was shown. */
  refused = false;
  /** True once an upstream gave a finish reason: the answer is whole, whatever happens to the connection. */
  finished = false;

  /**
   * The usage of the answer as one: the prompt once, and the output of all parts. The output of a part that broke before
   * it was counted is an estimate. Undefined while no upstream has counted anything.
   */
  usage(): Usage | undefined {
    const [first] = this.parts;
    const last = this.parts.at(-1)?.usage;
    if (first === undefined || last === undefined) return undefined;
    if (this.parts.length === 1) return last;
    let outputTokens = 0;
    let reasoningTokens: number | undefined;
    for (const { usage, text } of this.parts) {
      // Some upstreams count during the stream, so a broken part's count may lack its end.
      const counted = usage?.outputTokens ?? 0;
      outputTokens += usage === last ? counted : Math.max(counted, estimateTokens(text));
      if (usage?.reasoningTokens !== undefined)
        reasoningTokens = (reasoningTokens ?? 0) + usage.reasoningTokens;
    }
    return {
      ...this.#prompt(last),
      outputTokens,
      ...present({ reasoningTokens }),
    };
  }

  #prompt(last: Usage): Usage {
    const counted = this.parts.find(({ usage }) => usage !== undefined && usage.inputTokens > 0);
    if (counted?.usage !== undefined && !counted.continued) return counted.usage;
    const before = this.parts.slice(0, -1).reduce((tokens, { text }) => tokens + estimateTokens(text), 0);
    const inputTokens = Math.max(1, last.inputTokens - before);
    const cached = last.cachedInputTokens;
    return {
      inputTokens,
      outputTokens: 0,
      ...present({ cachedInputTokens: cached && Math.min(cached, inputTokens) }),
    };
  }
}
