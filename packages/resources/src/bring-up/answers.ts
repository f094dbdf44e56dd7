/** Whether a backend is up: its health path answers 2xx. */
import { request as requestHttps } from "node:https";

// An import would load Node's own undici; see the runtime's app.ts.
const { request: requestHttp } = process.getBuiltinModule("node:http");

const TIMEOUT_MS = 2000;

/** Never rejects. The body is not read. */
export function answers(url: string, signal: AbortSignal, timeoutMs = TIMEOUT_MS): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const { protocol } = new URL(url);
    const call = (protocol === "https:" ? requestHttps : requestHttp)(
      url,
      { signal, agent: false, timeout: timeoutMs, headers: { accept: "*/*" } },
      ({ statusCode = 0 }) => {
        resolve(statusCode >= 200 && statusCode < 300);
        call.destroy();
      },
    );
    call.on("timeout", () => call.destroy());
    call.on("error", () => resolve(false));
    call.on("close", () => resolve(false));
    call.end();
  });
}
