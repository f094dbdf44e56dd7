/**
 * How hosts list their models, and how each refuses: a model that it does not have, a prompt or an answer that is too long, tools
 * that a model cannot use, and a field that it does not know. From their documentation, and from reports where that is silent.
 */
import type { JsonObject } from "../json.ts";

/** What is true of a model at its host today. Prices in dollars for a million tokens. */
export interface HostedModel {
  readonly id: string;
  readonly input: number;
  readonly output: number;
  readonly cacheRead?: number;
  readonly contextTokens: number;
  readonly maxOutputTokens: number;
  readonly tools: boolean;
}

export interface HostRefusal {
  readonly status: number;
  readonly body: JsonObject;
}

export interface HostForm {
  list(models: readonly HostedModel[]): unknown;
  unknownModel(id: string): HostRefusal;
  tooLong(model: HostedModel, promptTokens: number, answerTokens: number): HostRefusal;
  answerTooLong(model: HostedModel, answerTokens: number): HostRefusal;
  noTools(model: HostedModel): HostRefusal;
  unknownField(name: string): HostRefusal;
  wrongKey(key: string): HostRefusal;
}

const refusal = (
  status: number,
  message: string,
  error: JsonObject = { type: "invalid_request_error" },
): HostRefusal => ({ status, body: { error: { message, ...error } } });

/** vLLM's words, which most hosts of open models pass on: vllm/entrypoints/openai/serving_engine.py. */
const vllmTooLong = (model: HostedModel, prompt: number, answer: number): HostRefusal =>
  refusal(
    400,
    `This model's maximum context length is ${model.contextTokens} tokens. However, you requested ${prompt + answer} tokens (${prompt} in the messages, ${answer} in the completion). Please reduce the length of the messages or completion.`,
    { type: "BadRequestError", code: 400 },
  );

/** A price for one token, as OpenRouter and SambaNova write it. */
const perToken = (usd: number): string => (usd / 1_000_000).toFixed(12).replace(/0+$/, "").replace(/\.$/, "");

/** https://openrouter.ai/docs/api-reference/list-available-models, https://openrouter.ai/docs/api-reference/errors */
const OPENROUTER: HostForm = {
  list: (models) => ({
    data: models.map((model) => ({
      id: model.id,
      canonical_slug: model.id,
      name: model.id,
      created: 1_760_000_000,
      description: "",
      context_length: model.contextTokens,
      architecture: {
        modality: "text->text",
        input_modalities: ["text"],
        output_modalities: ["text"],
        tokenizer: "Other",
        instruct_type: null,
      },
      pricing: {
        prompt: perToken(model.input),
        completion: perToken(model.output),
        request: "0",
        image: "0",
        ...(model.cacheRead === undefined ? {} : { input_cache_read: perToken(model.cacheRead) }),
      },
      top_provider: {
        context_length: model.contextTokens,
        max_completion_tokens: model.maxOutputTokens,
        is_moderated: false,
      },
      per_request_limits: null,
      supported_parameters: ["max_tokens", "temperature", ...(model.tools ? ["tools", "tool_choice"] : [])],
    })),
  }),
  unknownModel: (id) => refusal(404, `No endpoints found for ${id}.`, { code: 404 }),
  tooLong: ({ contextTokens }, prompt, answer) =>
    refusal(
      400,
      `This endpoint's maximum context length is ${contextTokens} tokens. However, you requested about ${prompt + answer} tokens (${prompt} of text input, ${answer} in the output). Please reduce the length of either one, or use the "middle-out" transform to compress your prompt automatically.`,
      { code: 400 },
    ),
  answerTooLong: ({ maxOutputTokens }, answer) =>
    refusal(
      400,
      `max_tokens is too large: ${answer}. This model supports at most ${maxOutputTokens} completion tokens, whereas you provided ${answer}.`,
      { code: 400 },
    ),
  noTools: () =>
    refusal(
      404,
      "No endpoints found that support tool use. To learn more about provider routing, visit: https://openrouter.ai/docs/provider-routing",
      { code: 404 },
    ),
  unknownField: (name) => refusal(400, `Unrecognized key: "${name}"`, { code: 400 }),
  wrongKey: () => refusal(401, "User not found.", { code: 401 }),
};

/** https://docs.together.ai/reference/models-1, https://docs.together.ai/docs/error-codes */
const TOGETHER: HostForm = {
  list: (models) =>
    models.map((model) => ({
      id: model.id,
      object: "model",
      created: 0,
      type: "chat",
      running: false,
      display_name: model.id,
      organization: "lab",
      link: "",
      license: "",
      context_length: model.contextTokens,
      config: { chat_template: null, stop: [], bos_token: null, eos_token: null },
      pricing: {
        hourly: 0,
        input: model.input,
        output: model.output,
        base: 0,
        finetune: 0,
        ...(model.cacheRead === undefined ? {} : { cached_input: model.cacheRead }),
      },
    })),
  unknownModel: (id) =>
    refusal(
      404,
      `Unable to access model ${id}. Please visit https://api.together.ai/models to view the list of supported models.`,
      { type: "invalid_request_error", param: null, code: "model_not_available" },
    ),
  tooLong: ({ contextTokens }, prompt, answer) =>
    refusal(
      422,
      `Input validation error: \`inputs\` tokens + \`max_new_tokens\` must be <= ${contextTokens}. Given: ${prompt} \`inputs\` tokens and ${answer} \`max_new_tokens\``,
    ),
  answerTooLong: ({ maxOutputTokens }) =>
    refusal(422, `Input validation error: \`max_new_tokens\` must be <= ${maxOutputTokens}`),
  noTools: ({ id }) =>
    refusal(400, `${id} is not supported for JSON mode/function calling`, { code: "constraints_model" }),
  unknownField: (name) => refusal(400, `Unrecognized request argument supplied: ${name}`),
  wrongKey: (key) =>
    refusal(
      401,
      `Invalid API key provided: ${key}. You can find your API key at https://api.together.xyz/settings/api-keys.`,
      {
        type: "invalid_request_error",
        code: "invalid_api_key",
      },
    ),
};

/** https://deepinfra.com/docs/advanced/list_models; its models run on vLLM. */
const DEEPINFRA: HostForm = {
  list: (models) => ({
    object: "list",
    data: models.map((model) => ({
      id: model.id,
      object: "model",
      created: 1_760_000_000,
      owned_by: "deepinfra",
      root: model.id,
      parent: null,
      metadata: {
        description: "",
        context_length: model.contextTokens,
        max_tokens: model.maxOutputTokens,
        pricing: {
          input_tokens: model.input,
          output_tokens: model.output,
          ...(model.cacheRead === undefined ? {} : { cache_read_tokens: model.cacheRead }),
        },
        tags: [],
      },
    })),
  }),
  unknownModel: (id) =>
    refusal(404, `The model \`${id}\` does not exist`, {
      type: "invalid_request_error",
      code: "model_not_found",
    }),
  tooLong: vllmTooLong,
  answerTooLong: ({ maxOutputTokens }, answer) =>
    refusal(
      400,
      `max_tokens is too large: ${answer}. This model supports at most ${maxOutputTokens} completion tokens.`,
    ),
  noTools: () =>
    refusal(400, '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set', {
      type: "BadRequestError",
    }),
  unknownField: (name) => ({
    status: 422,
    body: {
      detail: [{ type: "extra_forbidden", loc: ["body", name], msg: "Extra inputs are not permitted" }],
    },
  }),
  wrongKey: () => refusal(401, "User is not authenticated"),
};

/** https://console.groq.com/docs/api-reference#models, https://console.groq.com/docs/errors */
const GROQ: HostForm = {
  list: (models) => ({
    object: "list",
    data: models.map((model) => ({
      id: model.id,
      object: "model",
      created: 1_760_000_000,
      owned_by: "lab",
      active: true,
      context_window: model.contextTokens,
      public_apps: null,
      max_completion_tokens: model.maxOutputTokens,
    })),
  }),
  unknownModel: (id) =>
    refusal(404, `The model \`${id}\` does not exist or you do not have access to it.`, {
      type: "invalid_request_error",
      code: "model_not_found",
    }),
  tooLong: () =>
    refusal(400, "Please reduce the length of the messages or completion.", {
      type: "invalid_request_error",
      param: "messages",
      code: "context_length_exceeded",
    }),
  answerTooLong: ({ maxOutputTokens }) =>
    refusal(
      400,
      `\`max_tokens\` must be less than or equal to \`${maxOutputTokens}\`, the maximum value for \`max_tokens\` is less than the \`context_window\` for this model`,
      { type: "invalid_request_error", param: "max_tokens" },
    ),
  noTools: () => refusal(400, "`tool calling` is not supported with this model"),
  unknownField: (name) => refusal(400, `property '${name}' is unsupported`),
  wrongKey: () => refusal(401, "Invalid API Key", { type: "invalid_request_error", code: "invalid_api_key" }),
};

/** https://docs.sambanova.ai/cloud/api-reference/endpoints/model-list */
const SAMBANOVA: HostForm = {
  ...DEEPINFRA,
  list: (models) => ({
    object: "list",
    data: models.map((model) => ({
      id: model.id,
      object: "model",
      owned_by: "no-reply@sambanova.ai",
      context_length: model.contextTokens,
      max_completion_tokens: model.maxOutputTokens,
      pricing: { prompt: perToken(model.input), completion: perToken(model.output), duration: "0.00" },
    })),
  }),
  unknownModel: () =>
    refusal(404, "Model not found", { type: "invalid_request_error", code: "model_not_found" }),
  unknownField: (name) => refusal(400, `Unknown parameter: '${name}'.`, { code: "unknown_parameter" }),
};

/** https://platform.openai.com/docs/api-reference/models/list: ids alone. */
const OPENAI: HostForm = {
  ...DEEPINFRA,
  list: (models) => ({
    object: "list",
    data: models.map(({ id }) => ({ id, object: "model", created: 1_760_000_000, owned_by: "system" })),
  }),
  unknownModel: (id) =>
    refusal(404, `The model \`${id}\` does not exist or you do not have access to it.`, {
      type: "invalid_request_error",
      param: null,
      code: "model_not_found",
    }),
  answerTooLong: ({ maxOutputTokens }, answer) =>
    refusal(
      400,
      `max_tokens is too large: ${answer}. This model supports at most ${maxOutputTokens} completion tokens, whereas you provided ${answer}.`,
      { type: "invalid_request_error", param: "max_tokens", code: "invalid_value" },
    ),
  unknownField: (name) =>
    refusal(400, `Unrecognized request argument supplied: ${name}`, {
      type: "invalid_request_error",
      param: null,
      code: null,
    }),
  wrongKey: (key) =>
    refusal(
      401,
      `Incorrect API key provided: ${key}. You can find your API key at https://platform.openai.com/account/api-keys.`,
      { type: "invalid_request_error", param: null, code: "invalid_api_key" },
    ),
};

export const HOST_FORMS = {
  openrouter: OPENROUTER,
  together: TOGETHER,
  deepinfra: DEEPINFRA,
  groq: GROQ,
  sambanova: SAMBANOVA,
  openai: OPENAI,
} as const satisfies Readonly<Record<string, HostForm>>;

export type HostFormId = keyof typeof HOST_FORMS;
