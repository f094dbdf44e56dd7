/** Tool calls put together from a stream's pieces, for a wire that has no place for half a call. */
import { type ChatEvent, present, type ToolCall } from "@headgate/contract";

export class CallCollector {
  readonly #calls = new Map<number, ToolCall>();

  add(event: Extract<ChatEvent, { type: "tool-call" }>): void {
    const call = this.#calls.get(event.index) ?? { id: "", name: "", arguments: "" };
    this.#calls.set(event.index, {
      ...call,
      id: event.id ?? call.id,
      name: event.name ?? call.name,
      arguments: call.arguments + (event.arguments ?? ""),
      ...present({ sealed: event.sealed }),
    });
  }

  /** The calls so far, in the model's order. The next call of `take` gives only those that come after. */
  take(): readonly ToolCall[] {
    const calls = [...this.#calls].sort(([a], [b]) => a - b).map(([, call]) => call);
    this.#calls.clear();
    return calls;
  }
}
