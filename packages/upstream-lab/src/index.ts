/** Fake providers over real HTTP that behave and misbehave on demand. */

export type { Answer, AnswerOptions, AnswerToolCall, AnswerUsage } from "./answer.ts";
export * from "./behaviours/anthropic.ts";
export * from "./behaviours/body.ts";
export * from "./behaviours/bytes.ts";
export * from "./behaviours/cohere.ts";
export * from "./behaviours/connection.ts";
export * from "./behaviours/gemini.ts";
export {
  byKey,
  concurrencyCap,
  endless,
  type HealthyOptions,
  healthy,
  setCookies,
  withHeaders,
  withLimits,
} from "./behaviours/healthy.ts";
export * from "./behaviours/misleading.ts";
export * from "./behaviours/ollama.ts";
export {
  answerJson,
  anthropicOverloaded,
  contextTooLong,
  html502,
  modelMissing,
  openRouterDailyCap,
  quotaSpent,
  type StatusOptions,
  status,
} from "./behaviours/status.ts";
export * from "./behaviours/stream.ts";
export { parseExact } from "./exact-json.ts";
export type { UsageMode } from "./frame.ts";
export type { FrameOptions } from "./frames.ts";
export { createGate, type Gate } from "./gate.ts";
export { HOST_FORMS, type HostedModel, type HostFormId } from "./hosts/forms.ts";
export { type ModelHost, type ModelHostOptions, modelHost } from "./hosts/model-host.ts";
export { type Lab, type LabOptions, startLab } from "./lab.ts";
export type { LabRequest, Wire } from "./lab-request.ts";
export { goDuration, type LimitOptions, type LimitStyle, limitHeaders } from "./limit-headers.ts";
export * from "./local/index.ts";
export type { RecordedRequest } from "./record.ts";
export { type Behaviour, behaviour, type Headers, type Plan, type Step } from "./step.ts";
export type { Finding, TwinRule } from "./twins/rule.ts";
export { type StrictOptions, type StrictTwins, strictTwins, type TwinRefusal } from "./twins/strict.ts";
export { TWINS, type TwinId, twinUrl } from "./twins/twins.ts";
