/** Behaviours of Anthropic alone. https://platform.claude.com/docs/en/api/errors */
import { bytesStep, framesOf, okHead, upTo } from "../frames.ts";
import { type Behaviour, behaviour } from "../step.ts";
import { anthropicEvent } from "../wire-anthropic.ts";
import { status } from "./status.ts";

/** An error event inside a 200: as the first event (the default), or after so many deltas. */
export function anthropicErrorEvent(
  options: {
    readonly after?: number | undefined;
    readonly type?: string | undefined;
    readonly message?: string | undefined;
  } = {},
): Behaviour {
  const { after = 0, type = "overloaded_error", message = "Overloaded" } = options;
  return behaviour("anthropicErrorEvent", function* (request) {
    yield okHead(request);
    for (const { bytes } of upTo(framesOf(request), after)) yield bytesStep(bytes);
    const error = { details: null, type, message };
    yield bytesStep(anthropicEvent("error", { error, request_id: `req_lab_${request.seq}` }));
  });
}

/** 400: the prompt is longer than the window, with the message that its clients match. */
export function anthropicPromptTooLong(): Behaviour {
  return behaviour("anthropicPromptTooLong", (request) =>
    status(400, { message: "prompt is too long: 200001 tokens > 200000 maximum" }).plan(request),
  );
}

/** 400 for a fault of the account, not of the request. */
export function anthropicOutOfCredit(): Behaviour {
  return behaviour("anthropicOutOfCredit", (request) =>
    status(400, {
      message:
        "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.",
    }).plan(request),
  );
}
