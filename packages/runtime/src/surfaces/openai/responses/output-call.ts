/** A function call as an output item. */
import { type JsonObject, present } from "@headgate/contract";
import { inputOfArguments } from "./custom-tools.ts";
import type { ItemStatus, OutputItem, ResponseEvent } from "./output-item.ts";
import type { ToolName } from "./tool-names.ts";

export class CallItem implements OutputItem {
  readonly kind = "call";
  readonly callId: string;
  readonly #id: string;
  readonly #index: number;
  readonly #tool: ToolName;
  readonly #pieces: string[] = [];
  #status: ItemStatus = "in_progress";

  constructor(id: string, index: number, callId: string, tool: ToolName) {
    this.#id = id;
    this.#index = index;
    this.callId = callId;
    this.#tool = tool;
  }

  add(delta: string): ResponseEvent[] {
    this.#pieces.push(delta);
    // A tool of free text gets it whole: it is inside the arguments.
    if (this.#tool.custom === true) return [];
    return [{ type: "response.function_call_arguments.delta", ...this.#place(), delta }];
  }

  close(status: ItemStatus): ResponseEvent[] {
    if (this.#tool.custom === true) {
      this.#status = status;
      const input = this.#input();
      return [
        { type: "response.custom_tool_call_input.delta", ...this.#place(), delta: input },
        { type: "response.custom_tool_call_input.done", ...this.#place(), input },
      ];
    }
    // A call without arguments gets an empty object: clients parse arguments as JSON.
    const events = this.#pieces.length === 0 ? this.add("{}") : [];
    this.#status = status;
    const args = this.#pieces.join("");
    return [...events, { type: "response.function_call_arguments.done", ...this.#place(), arguments: args }];
  }

  json(): JsonObject {
    const { name, namespace, custom } = this.#tool;
    if (custom === true) {
      const input = this.#status === "in_progress" ? "" : this.#input();
      return {
        id: this.#id,
        type: "custom_tool_call",
        status: this.#status,
        call_id: this.callId,
        name,
        input,
      };
    }
    return {
      id: this.#id,
      type: "function_call",
      status: this.#status,
      call_id: this.callId,
      name,
      ...present({ namespace }),
      arguments: this.#status === "in_progress" ? "" : this.#pieces.join(""),
    };
  }

  #input(): string {
    return inputOfArguments(this.#pieces.join(""));
  }

  #place() {
    return { item_id: this.#id, output_index: this.#index };
  }
}
