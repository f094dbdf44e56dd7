/**
 * A strict twin of a host of models, with its list: it has the models that it lists, at their windows, and changes them under a
 * client's eyes. A chat is judged by the models' own facts.
 */
import { healthy, withLimits } from "../behaviours/healthy.ts";
import { answerJson } from "../behaviours/status.ts";
import { asList, asObject, type JsonValue } from "../json.ts";
import type { LabRequest } from "../lab-request.ts";
import { type LimitOptions, limitHeaders } from "../limit-headers.ts";
import { type Behaviour, behaviour, type Headers, type Step } from "../step.ts";
import { HOST_FORMS, type HostedModel, type HostFormId, type HostRefusal } from "./forms.ts";

export interface ModelHostOptions {
  readonly form: HostFormId;
  readonly models: readonly HostedModel[];
  /** Fields of a request that it does not know. */
  readonly refuses?: readonly string[];
  /** The key that it takes; absent: any. */
  readonly key?: string;
  readonly limits?: LimitOptions;
  /** What a refusal says besides, such as the key that came with the request. */
  readonly remark?: (request: LabRequest) => string;
}

export interface ModelHost {
  /** For the path of its list and for `*`. */
  readonly behaviour: Behaviour;
  readonly models: ReadonlyMap<string, HostedModel>;
  rename(id: string, next: string): void;
  retire(id: string): void;
  add(model: HostedModel): void;
  change(id: string, facts: Partial<Omit<HostedModel, "id">>): void;
  refuse(field: string): void;
}

export function modelHost({ form: formId, limits, key, remark, ...options }: ModelHostOptions): ModelHost {
  const form = HOST_FORMS[formId];
  const models = new Map(options.models.map((model) => [model.id, model]));
  const refused = new Set(options.refuses ?? []);
  const known = (id: string): HostedModel => {
    const model = models.get(id);
    if (model === undefined) throw new Error(`the host has no model ${id}`);
    return model;
  };
  const told = (refusal: HostRefusal, request: LabRequest): HostRefusal =>
    remark === undefined ? refusal : { ...refusal, body: remarked(refusal.body, remark(request)) };

  return {
    models,
    behaviour: behaviour("model-host", (request) => {
      const headers = limits === undefined ? {} : limitHeaders(limits, request.nowMs);
      const refusal = judge(request);
      if (refusal !== undefined) {
        const { status, body } = told(refusal, request);
        return answerJson(status, body, headers);
      }
      if (request.method === "GET") return document(form.list([...models.values()]), headers);
      return (limits === undefined ? healthy() : withLimits(limits)).plan(request);
    }),
    rename(id, next) {
      const model = known(id);
      models.delete(id);
      models.set(next, { ...model, id: next });
    },
    retire: (id) => void models.delete(known(id).id),
    add: (model) => void models.set(model.id, model),
    change: (id, facts) => void models.set(id, { ...known(id), ...facts }),
    refuse: (field) => void refused.add(field),
  };

  function judge({ method, body, model: id, key: sent }: LabRequest): HostRefusal | undefined {
    if (key !== undefined && sent !== key) return form.wrongKey(sent);
    if (method === "GET") return undefined;
    const model = models.get(id);
    if (model === undefined) return form.unknownModel(id);
    const field = Object.keys(body).find((name) => refused.has(name));
    if (field !== undefined) return form.unknownField(field);
    if (!model.tools && asList(body.tools).length > 0) return form.noTools(model);
    const answer = Number(body.max_tokens ?? body.max_completion_tokens ?? 0);
    const prompt = Math.ceil(JSON.stringify(body.messages ?? "").length / 4);
    if (answer > model.maxOutputTokens) return form.answerTooLong(model, answer);
    return prompt + answer > model.contextTokens ? form.tooLong(model, prompt, answer) : undefined;
  }
}

function remarked(body: HostRefusal["body"], remark: string): HostRefusal["body"] {
  const error = asObject(body.error);
  return typeof error.message === "string"
    ? { ...body, error: { ...error, message: `${error.message} ${remark}` } }
    : { ...body, remark };
}

function* document(value: unknown, headers: Headers): Generator<Step> {
  yield* answerJson(200, value as Record<string, JsonValue>, headers);
}
