/** What the fake provider does for each model, from FailoverBench's description of its own (methodology v0.1). */
export interface Timings {
  readonly retryAfterS: number;
  readonly slowFirstTokenMs: number;
  readonly stallMs: number;
  readonly silenceMs: number;
  readonly outageMs: number;
  readonly betweenTokensMs: number;
}

/** The published profile "full". */
export const PUBLISHED_TIMINGS: Timings = {
  retryAfterS: 2,
  slowFirstTokenMs: 20_000,
  stallMs: 30_000,
  silenceMs: 120_000,
  outageMs: 60_000,
  betweenTokensMs: 15,
};
export const CUT_AFTER_TOKENS = 40;
export const STALL_AFTER_TOKENS = 20;
export const MALFORMED_AT_TOKEN = 10;

/** A refusal, as its status, headers and error body. */
export interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly type: string;
  readonly code: string | null;
  readonly param?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** In the log; the status if absent. */
  readonly action?: string;
}

export type Shape = "whole" | "slow" | "cut" | "stall" | "malformed" | "no-done";

/** How the provider treats one attempt. */
export type Reaction =
  | { readonly kind: "refuse"; readonly refusal: Refusal }
  | { readonly kind: "reset" }
  | { readonly kind: "silence" }
  | { readonly kind: "answer"; readonly shape: Shape; readonly action: string };

interface Situation {
  readonly model: string;
  /** Of this model since the reset, from 1. */
  readonly number: number;
  /** Since the reset. */
  readonly atMs: number;
  readonly lastRole: string | undefined;
  readonly timings: Timings;
}

type Fault = (situation: Situation) => Reaction;

const answer = (shape: Shape = "whole", action = "200"): Reaction => ({ kind: "answer", shape, action });
const refuse = (refusal: Refusal): Reaction => ({ kind: "refuse", refusal });
const onceThenHealthy =
  (reaction: Fault): Fault =>
  (situation) =>
    situation.number === 1 ? reaction(situation) : answer();
const shaped =
  (shape: Shape, action: string): Fault =>
  () =>
    answer(shape, action);

const rateLimited =
  (stated: boolean): Fault =>
  ({ model, timings: { retryAfterS } }) =>
    refuse({
      status: 429,
      message: `Rate limit reached for ${model}.${stated ? ` Please retry after ${retryAfterS} seconds.` : ""}`,
      type: "rate_limit_error",
      code: "rate_limit_exceeded",
      ...(stated
        ? { headers: { "Retry-After": String(retryAfterS) }, action: `429 retry-after ${retryAfterS}` }
        : {}),
    });
const overloaded: Fault = () =>
  refuse({
    status: 503,
    message: "The engine is currently overloaded. Please try again later.",
    type: "server_error",
    code: "overloaded",
  });
const brokenServer: Fault = () =>
  refuse({
    status: 500,
    message: "The server had an error while processing your request.",
    type: "server_error",
    code: null,
  });
const tooLong: Fault = () =>
  refuse({
    status: 400,
    message:
      "This model's maximum context length is 8192 tokens. However, your messages resulted in 9631 tokens. Please reduce the length of the messages.",
    type: "invalid_request_error",
    code: "context_length_exceeded",
    param: "messages",
    action: "400 context_length_exceeded",
  });
const filtered: Fault = () =>
  refuse({
    status: 400,
    message: "Your request was rejected as a result of our safety system.",
    type: "invalid_request_error",
    code: "content_policy_violation",
    action: "400 content_policy_violation",
  });
export const PREFILL_REFUSED = "400 invalid_prefill";
const noPrefill: Fault = ({ lastRole }) =>
  lastRole === "assistant"
    ? refuse({
        status: 400,
        message:
          "This model does not support assistant message prefill. The conversation must end with a user message.",
        type: "invalid_request_error",
        code: "invalid_prefill",
        param: "messages",
        action: PREFILL_REFUSED,
      })
    : answer();

/** Each model and its fault. */
const FAULTS: Readonly<Record<string, Fault>> = {
  steady: () => answer(),
  "steady-no-prefill": noPrefill,
  "s01-rate-limit-once": onceThenHealthy(rateLimited(true)),
  "s02-rate-limit-always": rateLimited(false),
  "s03-error-once": onceThenHealthy(brokenServer),
  "s04-overload-always": overloaded,
  "s05-reset-once": onceThenHealthy(() => ({ kind: "reset" })),
  "s06-silent": () => ({ kind: "silence" }),
  "s07-slow-start": shaped("slow", "200 slow first token"),
  "s08-cut": shaped("cut", `200 cut after ${CUT_AFTER_TOKENS} tokens`),
  "s09-stall": shaped("stall", `200 silent after ${STALL_AFTER_TOKENS} tokens, then closed`),
  "s10-malformed-event": shaped("malformed", "200 with an event that is not JSON"),
  "s11-no-done": shaped("no-done", "200 without [DONE]"),
  "s12-window": tooLong,
  "s13-filter": filtered,
  "s14-cut": shaped("cut", `200 cut after ${CUT_AFTER_TOKENS} tokens`),
  "s15-outage": (situation) =>
    situation.atMs < situation.timings.outageMs ? overloaded(situation) : answer("whole", "200 recovered"),
  "s16-overload-always": overloaded,
};
export const MODELS = Object.keys(FAULTS);

const unknownModel: Fault = ({ model }) =>
  refuse({
    status: 404,
    message: `The model \`${model}\` does not exist`,
    type: "invalid_request_error",
    code: "model_not_found",
    param: "model",
  });

export function actionOf(reaction: Reaction): string {
  switch (reaction.kind) {
    case "refuse":
      return reaction.refusal.action ?? String(reaction.refusal.status);
    case "reset":
      return "TCP reset";
    case "silence":
      return "no response";
    case "answer":
      return reaction.action;
  }
}

/** A model without a fault of its own does not exist. */
export const faultOf = (model: string): Fault => FAULTS[model] ?? unknownModel;
