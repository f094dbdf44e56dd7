/** A request as the cache takes it. */
import type { JsonObject } from "@headgate/contract";
import type { IndexedRoute, RequestFacts } from "@headgate/router";
import type { AnyRequest } from "../codec/any-request.ts";
import type { Controls } from "../exchange/controls.ts";
import type { Trace } from "../exchange/trace.ts";
import type { ExchangeEnd } from "../exchange/usage-record.ts";
import type { ClientEnd } from "../http/client-sink.ts";
import type { CacheWish } from "./rules.ts";

/** A request, and how it goes on where the cache cannot answer it. */
export interface Asking {
  readonly route: IndexedRoute;
  readonly controls: Controls;
  readonly facts: RequestFacts;
  readonly timeoutMs: number | undefined;
  readonly sink: ClientEnd;
  readonly trace: Trace;
  readonly wish: CacheWish;
  /** Takes the client's limits and its turn in the queue. @throws {ClientError} */
  admit(to: Pick<ClientEnd, "gone" | "onGone">): Promise<void>;
  /** @param json the body, where it is not the client's */
  run(request: AnyRequest, to: ClientEnd, json?: JsonObject): Promise<ExchangeEnd>;
}
