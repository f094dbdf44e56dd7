/** How each provider writes a refusal: one small function per family of envelopes. */
import type { JsonObject } from "../json.ts";
import type { LabRequest } from "../lab-request.ts";
import type { Refusal } from "./rule.ts";

export type Envelope = (refusal: Refusal, request: LabRequest) => JsonObject | readonly JsonObject[];

/** `{error: {message, type, param, code}}` with what the rule states. */
export const openAi: Envelope = ({ message, rule }) => ({
  error: { message, type: "invalid_request_error", param: null, code: null, ...rule.error },
});

/** Fields at the top, as Cerebras has them. */
export const flat: Envelope = ({ message, rule }) => ({
  message,
  type: "invalid_request_error",
  param: null,
  code: null,
  ...rule.error,
});

/** 422: pydantic's list. Else Mistral's own object. */
export const mistral: Envelope = ({ message, rule, finding }) =>
  rule.status === 422
    ? {
        object: "error",
        message: {
          detail: [
            {
              type: "extra_forbidden",
              loc: ["body", finding.at],
              msg: message,
              input: finding.value,
              ...rule.error,
            },
          ],
        },
        type: "invalid_request_error",
        param: null,
        code: null,
      }
    : { object: "error", message, type: "invalid_request_error", param: null, code: null, ...rule.error };

export const anthropic: Envelope = ({ message, rule }, request) => ({
  type: "error",
  error: { type: "invalid_request_error", message, ...rule.error },
  request_id: `req_lab_${request.seq}`,
});

export const gemini = ({ message, rule }: Refusal): JsonObject => ({
  error: { code: rule.status, message, status: rule.status === 404 ? "NOT_FOUND" : "INVALID_ARGUMENT" },
});

/** The OpenAI route answers with a list of one. */
export const geminiList: Envelope = (refusal) => [gemini(refusal)];

export const messageOnly: Envelope = ({ message }, request) => ({ id: `lab-${request.seq}`, message });
export const errorText: Envelope = ({ message }) => ({ error: message });
export const xai: Envelope = ({ message }) => ({
  code: "Client specified an invalid argument",
  error: message,
});

export const openRouter: Envelope = ({ message, rule }) => ({
  error: {
    message,
    code: rule.status,
    ...(message.startsWith("Provider") ? { metadata: { provider_name: "lab", raw: message } } : {}),
  },
});

export const minimax: Envelope = ({ message, rule }, request) => ({
  type: "error",
  error: { message, ...rule.error },
  request_id: `req_lab_${request.seq}`,
});

/** RFC 7807. */
export const problem: Envelope = ({ message, rule }) => ({
  type: "urn:inference-service:problem-details:bad-request",
  title: "Bad Request",
  status: rule.status,
  detail: message,
});

export const cloudflare: Envelope = ({ message, rule }) => ({
  errors: [{ message, code: 5006, ...rule.error }],
  success: false,
  result: {},
  messages: [],
});

export const zai: Envelope = ({ message, rule }) => ({ error: { message, ...rule.error } });

export const vllm: Envelope = ({ message, rule }) => ({
  error: { message, type: "BadRequestError", param: null, code: rule.status, ...rule.error },
});
