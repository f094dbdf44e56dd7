/** Behaviours of Cohere alone. https://docs.cohere.com/reference/errors */
import { bytesStep, framesOf, okHead, upTo } from "../frames.ts";
import { type Behaviour, behaviour } from "../step.ts";
import { cohereEvent } from "../wire-cohere.ts";
import { status } from "./status.ts";

/** 429 of a trial key, for the minute's or the month's calls. Without a Retry-After. */
export function cohereTrialCap(
  options: { readonly window?: "minute" | "month" | undefined } = {},
): Behaviour {
  const cap = options.window === "month" ? "1000 API calls / month" : "20 API calls / minute";
  return behaviour("cohereTrialCap", (request) =>
    status(429, {
      message: `You are using a Trial key, which is limited to ${cap}. You can continue to use the Trial key for free or upgrade to a Production key with higher rate limits at 'https://dashboard.cohere.com/api-keys'.`,
    }).plan(request),
  );
}

/** A stream whose last event reports a failure, after a number of content events (default 1). */
export function cohereFailed(
  options: { readonly after?: number | undefined; readonly message?: string | undefined } = {},
): Behaviour {
  const { after = 1, message = "generation failed: internal server error" } = options;
  return behaviour("cohereFailed", function* (request) {
    yield okHead(request);
    for (const { bytes } of upTo(framesOf(request), after)) yield bytesStep(bytes);
    yield bytesStep(cohereEvent("message-end", { delta: { finish_reason: "ERROR", error: message } }));
  });
}
