/** Behaviours of Gemini alone. https://ai.google.dev/gemini-api/docs/troubleshooting */

import { bytesStep, framesOf, okHead, upTo } from "../frames.ts";
import { asList, asObject, asText, type JsonObject } from "../json.ts";
import type { LabRequest } from "../lab-request.ts";
import { type Behaviour, behaviour } from "../step.ts";
import { geminiError } from "../wire-gemini.ts";
import { sse } from "../wire-openai.ts";
import { healthy } from "./healthy.ts";
import { answerJson } from "./status.ts";

/** 200 without a candidate: the prompt was blocked. */
export function geminiBlocked(options: { readonly reason?: string | undefined } = {}): Behaviour {
  return behaviour("geminiBlocked", (request) =>
    onlyAnswer(request, {
      promptFeedback: { blockReason: options.reason ?? "PROHIBITED_CONTENT" },
      usageMetadata: { promptTokenCount: 7, totalTokenCount: 7 },
    }),
  );
}

/** 200, and after a number of pieces (default 0) a malformed call. */
export function geminiMalformedCall(options: { readonly after?: number | undefined } = {}): Behaviour {
  const broken = {
    candidates: [
      {
        finishReason: "MALFORMED_FUNCTION_CALL",
        finishMessage: "Malformed function call: print(default_api.lookup(",
        index: 0,
      },
    ],
  };
  return behaviour("geminiMalformedCall", function* (request) {
    if (!request.stream) return yield* onlyAnswer(request, broken);
    yield okHead(request);
    for (const { bytes } of upTo(framesOf(request), options.after ?? 0)) yield bytesStep(bytes);
    yield bytesStep(sse(broken));
  });
}

/** Gemini 3: 400 for a step of the conversation whose first call is sent back without its signature. */
export function geminiNeedsSignatures(inner: Behaviour = healthy()): Behaviour {
  return behaviour("geminiNeedsSignatures", (request) => {
    const unsigned = asList(request.body.contents).map(asObject).map(firstUnsignedCall);
    const at = unsigned.findIndex((name) => name !== undefined);
    if (at === -1) return inner.plan(request);
    const message = `Function call is missing a thought_signature in functionCall parts. Additional data, function call \`${unsigned[at]}\`, position ${at + 1}.`;
    return answerJson(400, geminiError(message, 400));
  });
}

/** The name of a step's first call when it is not signed. */
function firstUnsignedCall(content: JsonObject): string | undefined {
  const first = asList(content.parts)
    .map(asObject)
    .find((part) => part.functionCall !== undefined);
  if (first === undefined || asText(first.thoughtSignature) !== "") return undefined;
  return asText(asObject(first.functionCall).name);
}

/** 429 of a free key whose daily quota is spent, by the quota's name; the error names a short wait nevertheless. */
export function geminiDailyQuota(): Behaviour {
  const message =
    "You exceeded your current quota, please check your plan and billing details. Please retry in 21.5s.";
  return behaviour("geminiDailyQuota", () => {
    const { error } = geminiError(message, 429);
    const violation = {
      quotaMetric: "generativelanguage.googleapis.com/generate_content_free_tier_requests",
      quotaId: "GenerateRequestsPerDayPerProjectPerModel-FreeTier",
      quotaValue: "20",
    };
    const failure = { "@type": "type.googleapis.com/google.rpc.QuotaFailure", violations: [violation] };
    return answerJson(429, { error: { ...asObject(error), details: [failure] } });
  });
}

function* onlyAnswer(request: LabRequest, document: JsonObject) {
  if (!request.stream) return yield* answerJson(200, document);
  yield okHead(request);
  yield bytesStep(sse(document));
}
