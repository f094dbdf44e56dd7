/** An attempt of a candidate that answers in this process. Its stream is paced, so that clients see one. */
import type { Target } from "@headgate/adapter-kit";
import { type ChatEvent, type ChatRequest, present } from "@headgate/contract";
import type { SurfaceRequest } from "../codec/surface-request.ts";
import type { AnswerSink } from "../http/client-sink.ts";
import { failed, type Outcome, observed } from "../upstream/outcome.ts";

const PACE_MS = 12;

export function answerInProcess(
  answer: (request: ChatRequest, target: Target) => readonly ChatEvent[],
  target: Target,
  request: SurfaceRequest,
  sink: AnswerSink,
  nowMs: number,
): Promise<Outcome> {
  const events = answer(request.canonical(), target);
  const broken = events.find((event) => event.type === "error");
  const error = broken?.error ?? request.unfit?.(events);
  if (error !== undefined) return Promise.resolve(failed(observed("server_error", error.message)));
  const usage = events.find((event) => event.type === "usage")?.usage;
  const answered: Outcome = { kind: "answered", ...present({ usage }) };
  const createdAtS = Math.floor(nowMs / 1000);
  const model = target.deployment.upstream;
  if (!request.stream) {
    sink.send(
      200,
      { "content-type": "application/json; charset=utf-8" },
      request.encodeBody(events, model, createdAtS),
    );
    return Promise.resolve(answered);
  }

  return new Promise((resolve) => {
    const encoder = request.streamEncoder(model, createdAtS);
    const frames = events.flatMap((event) => (event.type === "end" ? [] : (encoder.encode(event) ?? [])));
    let next = 0;
    let timer: NodeJS.Timeout | undefined;
    const step = (): void => {
      const frame = frames[next];
      next += 1;
      if (frame === undefined) {
        sink.onGone = undefined;
        sink.end(encoder.end());
        resolve(answered);
      } else if (sink.write(frame)) timer = setTimeout(step, PACE_MS);
      else sink.whenDrained(step);
    };
    sink.onGone = () => {
      clearTimeout(timer);
      resolve({ kind: "aborted" });
    };
    sink.begin({
      "content-type": request.streamContentType,
      "cache-control": "no-cache",
      "x-accel-buffering": "no",
    });
    step();
  });
}
