/** One request to an upstream whose answer goes to the client as it comes, unread. */
import type { IncomingHttpHeaders } from "node:http";
import type { Failure } from "@headgate/contract";
import type { Reply, UpstreamRequest } from "./fetch-reply.ts";
import { observed, transportFailure } from "./outcome.ts";
import type { UpstreamPool } from "./pools.ts";

/** Of an answer that is no success, the most that is read. */
const MAX_ERROR_BYTES = 64 * 1024;

/** The client's end, as far as a relay needs it. */
export interface RelayTo {
  onGone: (() => void) | undefined;
  begin(headers: Record<string, string>): void;
  write(bytes: Buffer): boolean;
  whenDrained(resume: () => void): void;
}

/**
 * - `whole`: all of a success was written; the caller ends it.
 * - `broken`: it was begun, and broke off.
 * - `refused`: no success, of which the client has nothing.
 */
export type Relayed =
  | { readonly kind: "whole" }
  | { readonly kind: "broken"; readonly failure: Failure }
  | { readonly kind: "refused"; readonly reply: Reply };

/**
 * Never rejects. A client that goes away ends the request.
 * @param silenceMs the longest time without a byte
 */
export function relayReply(
  { pool }: UpstreamPool,
  request: UpstreamRequest,
  sink: RelayTo,
  silenceMs: number,
): Promise<Relayed> {
  return new Promise((resolve) => {
    let status = 0;
    let headers: IncomingHttpHeaders = {};
    let abort = (): void => {};
    let over = false;
    const chunks: Buffer[] = [];
    let bytes = 0;
    const finish = (ending: Relayed): void => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      sink.onGone = undefined;
      resolve(ending);
      abort();
    };
    const fail = (failure: Failure): void =>
      finish(
        status >= 200 && status < 300
          ? { kind: "broken", failure }
          : { kind: "refused", reply: { ok: false, failure } },
      );
    const timer = setTimeout(() => fail(observed("timeout", `nothing for ${silenceMs} ms`)), silenceMs);
    sink.onGone = () => fail(observed("network", "the client went away"));
    const { method, path, body } = request;
    pool.dispatch(
      { method, path, headers: [...request.headers], body: body ?? null, bodyTimeout: 0, headersTimeout: 0 },
      {
        onRequestStart(controller) {
          abort = () => controller.abort(new Error("the request is over"));
          if (over) abort();
        },
        onResponseStart(_, code, received) {
          if (code < 200 || over) return;
          timer.refresh();
          status = code;
          headers = received;
          const type = received["content-type"];
          if (code < 300)
            sink.begin({ "content-type": typeof type === "string" ? type : "application/x-ndjson" });
        },
        onResponseData(controller, chunk) {
          if (over) return;
          timer.refresh();
          if (status >= 300) {
            bytes += chunk.length;
            if (bytes <= MAX_ERROR_BYTES) chunks.push(chunk);
            return;
          }
          if (sink.write(chunk)) return;
          controller.pause();
          sink.whenDrained(() => controller.resume());
        },
        onResponseEnd() {
          if (status < 300) return finish({ kind: "whole" });
          finish({ kind: "refused", reply: { ok: true, status, headers, body: Buffer.concat(chunks) } });
        },
        onResponseError: (_, error) => fail(transportFailure(error)),
      },
    );
  });
}
