/** What a stream's client has received so far, from all upstreams. */
import { type ChatEvent, present, type Usage } from "@headgate/contract";
import { type CallPiece, isWholeCall, type SentCall } from "./call-seam.ts";
import { estimateTokens } from "./continuation-request.ts";
import { isHigh } from "./seam.ts";

/** One upstream's part. */
export interface Part {
  /** True when it continued earlier text, which it then counted as input. */
  readonly continued: boolean;
  /** What it sent to the client: text, reasoning and the arguments of calls. */
  text: string;
  /** Its own count, where it gave one. */
  usage?: Usage;
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
  /** By the client's index, in the order they began. */
  readonly #calls = new Map<number, SentCall>();

  get calls(): readonly SentCall[] {
    return [...this.#calls.values()];
  }

  get called(): boolean {
    return this.#calls.size > 0;
  }

  /** True where the client has calls, and all of them whole: it can make them, whatever else would have come. */
  get calledWhole(): boolean {
    return this.called && this.calls.every(isWholeCall);
  }

  call({ index, id, name, arguments: text }: CallPiece): void {
    const call = this.#calls.get(index) ?? { index, id: id ?? "", name: "", arguments: "" };
    call.name = name ?? call.name;
    call.arguments += text ?? "";
    this.#calls.set(index, call);
  }

  /** The client has not seen the calls: its encoder held them back. */
  withdrawCalls(): void {
    this.#calls.clear();
  }

  /** What an upstream sent that passed unread. */
  passed(part: Part, events: readonly ChatEvent[]): void {
    for (const event of events) {
      switch (event.type) {
        case "text":
          this.text += event.text;
          part.text += event.text;
          break;
        case "reasoning":
          this.reasoned = true;
          part.text += event.text;
          break;
        case "refusal":
          this.refused = true;
          break;
        case "tool-call":
          this.call(event);
          part.text += event.arguments ?? "";
          break;
        case "usage":
          part.usage = event.usage;
          break;
        case "finish":
        case "end":
          this.finished = true;
          break;
      }
    }
    // Some upstreams cut a character in two. The client has its half, and the next upstream cannot read it.
    if (isHigh(this.text.charCodeAt(this.text.length - 1))) this.text = this.text.slice(0, -1);
  }

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
