/** What the gateway and its thread of records tell each other. */
import type { RecordFilter, UsageQuery } from "@headgate/contract";
import type { RecordsPlace, Retention } from "../place.ts";
import type { Batch } from "./batch.ts";

export interface ThreadData {
  readonly place: RecordsPlace;
  readonly retention: Retention;
  /** Closes bodies; absent where none are recorded. */
  readonly secret?: string;
}

export type Question =
  | { readonly ask: "find"; readonly id: string }
  | { readonly ask: "list"; readonly filter: RecordFilter }
  | { readonly ask: "usage"; readonly query: UsageQuery }
  | { readonly ask: "series"; readonly edgesMs: readonly number[] }
  | { readonly ask: "rates"; readonly sinceMs: number; readonly untilMs: number }
  /** Answered once all that was written before is stored or lost. */
  | { readonly ask: "flush" };

export type ToThread = { readonly write: Batch } | { readonly question: Question; readonly number: number };

export type FromThread =
  | { readonly ready: true }
  /** The place cannot be used as configured. */
  | { readonly refused: string }
  | { readonly warn: string }
  /** A block that may be used again. */
  | { readonly read: SharedArrayBuffer }
  | { readonly written: number }
  | { readonly number: number; readonly answer: unknown }
  | { readonly number: number; readonly failed: string };
