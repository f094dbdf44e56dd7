/** What every output item is, and the events by which it grows. */
import type { JsonObject } from "@headgate/contract";

/** An event but for its sequence number. */
export type ResponseEvent = { readonly type: string } & JsonObject;

export type ItemStatus = "in_progress" | "completed" | "incomplete";

export interface OutputItem {
  /** Events that close what is open inside it. From then on it has this status. */
  close(status: ItemStatus): ResponseEvent[];
  /** The item as it stands: while it is open, without its contents. */
  json(): JsonObject;
}
