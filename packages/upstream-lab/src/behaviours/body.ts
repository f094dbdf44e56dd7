/** Bodies that do not belong to a 200, or are far too large. */
import { bytesStep, contentTypeOf, framesOf, okHead } from "../frames.ts";
import { type Behaviour, behaviour, type Step } from "../step.ts";
import { wireFormat } from "../wires.ts";
import { contentFrame } from "./healthy.ts";
import { answerJson, answerText } from "./status.ts";

/** OpenRouter and many proxies: 200, and the body is an error; also when a stream was requested. */
export function errorIn200(
  options: { readonly message?: string | undefined; readonly code?: number | undefined } = {},
): Behaviour {
  const { message = "Rate limit exceeded", code = 429 } = options;
  return behaviour("errorIn200", (request) =>
    answerJson(200, wireFormat(request.wire).error(request, { message, code })),
  );
}

/** 200 and nothing. */
export function empty200(): Behaviour {
  return behaviour("empty200", (request) => [okHead(request, {}, 0)]);
}

/** 200 and a page: a captive portal, a login, a maintenance notice. */
export function html200(): Behaviour {
  const page = "<!doctype html><html><head><title>Maintenance</title></head><body>Back soon.</body></html>";
  return behaviour("html200", () => answerText(200, page));
}

/** Ignores `stream`: JSON when a stream was requested. Agent containers and old proxies. */
export function jsonForStream(): Behaviour {
  return behaviour("jsonForStream", function* (request) {
    const changed = { ...request, stream: false };
    for (const { bytes } of framesOf(changed)) {
      yield okHead(changed, {}, bytes.length);
      yield bytesStep(bytes);
    }
  });
}

/** Streams without a request for it. */
export function streamForJson(): Behaviour {
  return behaviour("streamForJson", function* (request) {
    const changed = { ...request, stream: request.wire !== "listing" };
    yield okHead(changed);
    for (const { bytes } of framesOf(changed)) yield bytesStep(bytes);
  });
}

/** `choices: []`, or on Ollama's wire no message: an answer without content. */
export function noChoices(): Behaviour {
  return behaviour("noChoices", (request) =>
    answerJson(200, {
      id: `chatcmpl-lab-${request.seq}`,
      object: "chat.completion",
      model: request.model,
      choices: [],
    }),
  );
}

const PIECE_BYTES = 65_536;

/** So many bytes of content (default 32 MiB): as one body, or as a long stream of 64 KiB frames. Valid to the end. */
export function hugeBody(options: { readonly bytes?: number | undefined } = {}): Behaviour {
  const { bytes: total = 33_554_432 } = options;
  return behaviour("hugeBody", function* (request): Generator<Step> {
    const marker = "@";
    const frames = framesOf(request, { text: [marker] });
    yield okHead(request);
    const filler = (left: number): string => "x".repeat(Math.min(PIECE_BYTES, left));
    for (const frame of frames) {
      const at = frame.bytes.indexOf(marker);
      if (at === -1) yield bytesStep(frame.bytes);
      else if (frame.kind === "whole") {
        yield bytesStep(frame.bytes.subarray(0, at));
        for (let left = total; left > 0; left -= PIECE_BYTES) yield bytesStep(filler(left));
        yield bytesStep(frame.bytes.subarray(at + 1));
      } else {
        for (let left = total; left > 0; left -= PIECE_BYTES)
          yield bytesStep(contentFrame(request, filler(left)));
      }
    }
  });
}

/** One line without an end (default 32 MiB), for readers that buffer until a newline. */
export function hugeFrame(options: { readonly bytes?: number | undefined } = {}): Behaviour {
  const { bytes: total = 33_554_432 } = options;
  return behaviour("hugeFrame", function* (request): Generator<Step> {
    yield okHead(request);
    yield bytesStep(wireFormat(request.wire).opening);
    const piece = "x".repeat(PIECE_BYTES);
    for (let left = total; left > 0; left -= PIECE_BYTES)
      yield bytesStep(piece.slice(0, Math.min(PIECE_BYTES, left)));
  });
}

/** Headers past any client's limit (default 64 KiB). */
export function hugeHeaders(options: { readonly bytes?: number | undefined } = {}): Behaviour {
  return behaviour("hugeHeaders", (request) => [
    {
      kind: "head",
      status: 200,
      headers: {
        "content-type": contentTypeOf(request),
        "x-lab-filler": "x".repeat(options.bytes ?? 65_536),
      },
    },
  ]);
}
