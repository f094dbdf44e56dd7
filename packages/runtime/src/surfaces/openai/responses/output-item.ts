/** The interface of output items, and their events. */
import type { JsonObject } from "@headgate/contract";

/** An event without its sequence number. */
export type ResponseEvent = { readonly type: string } & JsonObject;

export type ItemStatus = "in_progress" | "completed" | "incomplete";

/** An item that passed unread and was whole. */
export class PassedItem implements OutputItem {
  readonly #json: JsonObject;

  constructor(json: JsonObject) {
    this.#json = json;
  }

  close(): ResponseEvent[] {
    return [];
  }

  json(): JsonObject {
    return this.#json;
  }
}

export interface OutputItem {
  /** Closes the item, with this status. @returns the events that close its open parts */
  close(status: ItemStatus): ResponseEvent[];
  /** The item's JSON; while it is open, without its contents. */
  json(): JsonObject;
}
