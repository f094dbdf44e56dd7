/** What of the gateway the Responses routes use. */
import type { Sealer } from "../../../codec/sealer.ts";
import type { ResponseStore } from "./store.ts";

export interface ResponsesHost {
  readonly store: ResponseStore;
  readonly nowMs: () => number;
  readonly sealer: Sealer;
}
