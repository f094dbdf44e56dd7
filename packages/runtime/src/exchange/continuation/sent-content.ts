/** What the client of a stream has been told so far, by however many upstreams. */
import { type ChatEvent, present, type Usage } from "@headgate/contract";
import { estimateTokens } from "./continuation-request.ts";

type ToolPiece = Extract<ChatEvent, { type: "tool-call" }>;

/** One upstream's part. */
export interface Part {
  /** True when it was asked to go on from the words before it, and so was billed for them as input. */
  readonly continued: boolean;
  /** What it said to the client: words and reasoning. */
  text: string;
  /** Its own count, where it gave one. */
  usage?: Usage;
  /** Its tool calls, held back until it has finished: half a call cannot be taken back. */
  readonly calls: ToolPiece[];
}

export class SentContent {
  readonly parts: Part[] = [];
  /** The answer's words. */
  text = "";
  /** True once reasoning was shown. */
  reasoned = false;
  /** True once a refusal was shown. */
  refused = false;
  /** True once an upstream said why it stopped: the answer is whole, whatever happens to the connection. */
  finished = false;

  /**
   * As the client's protocol counts one answer: the prompt once, and what all of them said. Of a part that broke before
   * it was counted the length is an estimate. Undefined while no upstream has counted anything.
   */
  usage(): Usage | undefined {
    const [first] = this.parts;
    const last = this.parts.at(-1)?.usage;
    if (first === undefined || last === undefined) return undefined;
    if (this.parts.length === 1) return last;
    let outputTokens = 0;
    let reasoningTokens: number | undefined;
    for (const { usage, text } of this.parts) {
      // Some count as they go, and a part that broke was not counted to its end.
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
