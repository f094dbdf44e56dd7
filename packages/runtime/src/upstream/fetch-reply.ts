/** One request to an upstream: its whole answer up to a bound, or why there is none. */
import type { IncomingHttpHeaders } from "node:http";
import type { Failure } from "@headgate/contract";
import type { Dispatcher } from "undici";
import { type Decompressor, decompressor } from "./decompress.ts";
import { observed, transportFailure } from "./outcome.ts";
import type { UpstreamPool } from "./pools.ts";

/** The longest listings (OpenRouter's) are well below. The beginning of anything longer is enough to judge it. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

export interface UpstreamRequest {
  readonly method: "GET" | "POST" | "DELETE";
  /** With the query. */
  readonly path: string;
  /** Flat name, value, name, value, …. */
  readonly headers: readonly string[];
  readonly body?: Buffer;
}

export type Reply =
  | {
      readonly ok: true;
      readonly status: number;
      readonly headers: IncomingHttpHeaders;
      readonly body: Buffer;
      /** The body was longer than what was read. */
      readonly cut?: true;
    }
  | { readonly ok: false; readonly failure: Failure };

/** Never rejects. A timeout after `timeoutMs` is a failure. */
export function fetchReply(
  { pool, proxy }: UpstreamPool,
  request: UpstreamRequest,
  timeoutMs: number,
): Promise<Reply> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    let status = 0;
    let headers: IncomingHttpHeaders = {};
    let decoder: Decompressor | undefined;
    let controller: Dispatcher.DispatchController | undefined;
    let over = false;

    const finish = (reply: Reply): void => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      decoder?.destroy();
      resolve(reply);
    };
    const fail = (failure: Failure): void => {
      finish({ ok: false, failure });
      controller?.abort(new Error("the request is over"));
    };
    const answered = (): void => finish({ ok: true, status, headers, body: Buffer.concat(chunks) });
    const take = (chunk: Buffer): void => {
      if (over) return;
      bytes += chunk.length;
      chunks.push(chunk);
      if (bytes <= MAX_ANSWER_BYTES) return;
      finish({ ok: true, status, headers, body: Buffer.concat(chunks), cut: true });
      controller?.abort(new Error("the request is over"));
    };
    const timer = setTimeout(() => fail(observed("timeout", `no answer within ${timeoutMs} ms`)), timeoutMs);

    const { method, path, body } = request;
    pool.dispatch(
      { method, path, headers: [...request.headers], body: body ?? null },
      {
        onRequestStart(started) {
          controller = started;
          if (over) started.abort(new Error("the request is over"));
        },
        onResponseStart(_, code, received) {
          if (code < 200) return;
          status = code;
          headers = received;
          const encoding = received["content-encoding"];
          const found = decompressor(Array.isArray(encoding) ? encoding.join() : encoding, {
            data: take,
            end: answered,
            error: () => fail(observed("malformed", "its compressed answer is damaged")),
          });
          if (found === "unknown") fail(observed("malformed", "its answer has an unknown content-encoding"));
          else decoder = found;
        },
        onResponseData(_, chunk) {
          if (over) return;
          if (decoder === undefined) take(chunk);
          else decoder.write(chunk);
        },
        onResponseEnd() {
          if (over) return;
          if (decoder === undefined) answered();
          else decoder.end();
        },
        onResponseError: (_, error) => fail(transportFailure(error, proxy)),
      },
    );
  });
}
