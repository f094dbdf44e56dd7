/** The strict twins: each provider's wires, with the rules that it refuses by and the form of its answers. */
import type { Wire } from "../lab-request.ts";
import { type ChatStyle, token } from "./answers/chat.ts";
import * as envelopes from "./envelopes.ts";
import type { TwinRule } from "./rule.ts";
import { ANTHROPIC, ANTHROPIC_COMPATIBLE } from "./rules/anthropic.ts";
import { MINIMAX, QWEN, SILICONFLOW, ZAI } from "./rules/chinese-hosts.ts";
import { GEMINI, GEMINI_OPENAI } from "./rules/gemini.ts";
import { GROQ } from "./rules/groq.ts";
import * as hosts from "./rules/hosts.ts";
import { COHERE, COHERE_OPENAI, LLAMA_CPP, OLLAMA, VLLM } from "./rules/local.ts";
import { MISTRAL } from "./rules/mistral.ts";
import * as more from "./rules/more-hosts.ts";
import { OPENAI_CHAT } from "./rules/openai-chat.ts";
import {
  DEEPSEEK_RESPONSES,
  LLAMA_RESPONSES,
  OPENAI_RESPONSES,
  OTHER_RESPONSES,
} from "./rules/openai-responses.ts";
import { DEEPSEEK, MOONSHOT, XIAOMI } from "./rules/thinkers.ts";

export type ChatWire = Exclude<Wire, "listing">;

export interface TwinWire {
  readonly rules: readonly TwinRule[];
  readonly envelope: envelopes.Envelope;
  /** Of OpenAI's chat wire. */
  readonly style?: ChatStyle;
  /** Ids of calls on the other wires; empty: the provider sends none. */
  callId?(seq: number, index: number, name: string): string;
}

export interface Twin {
  /** Ends the base URL after the lab's own address and the twin's id: `/v1`, `/v1beta` or nothing. */
  readonly base: string;
  readonly wires: Readonly<Partial<Record<ChatWire, TwinWire>>>;
}

const PLAIN: ChatStyle = {
  reasoning: "reasoning_content",
  calls: "pieces",
  callId: (seq, index) => `call_${token(seq, index, 24)}`,
  usage: "asked",
};

function chat(
  rules: readonly TwinRule[],
  envelope: envelopes.Envelope = envelopes.openAi,
  style: Partial<ChatStyle> = {},
): Twin {
  return { base: "/v1", wires: { "openai-chat": { rules, envelope, style: { ...PLAIN, ...style } } } };
}

const responses = (rules: readonly TwinRule[]): TwinWire => ({
  rules,
  envelope: envelopes.openAi,
  callId: (seq, index) => `call_${token(seq, index, 24)}`,
});

const toolu = (seq: number, index: number): string => `toolu_01${token(seq, index, 22)}`;

const withResponses = (twin: Twin, rules: readonly TwinRule[]): Twin => ({
  ...twin,
  wires: { ...twin.wires, "openai-responses": responses(rules) },
});

export const TWINS = {
  openai: withResponses(chat(OPENAI_CHAT, envelopes.openAi, { reasoning: "none" }), OPENAI_RESPONSES),
  "responses-host": { base: "/v1", wires: { "openai-responses": responses(OTHER_RESPONSES) } },
  anthropic: {
    base: "",
    wires: { "anthropic-messages": { rules: ANTHROPIC, envelope: envelopes.anthropic, callId: toolu } },
  },
  "anthropic-compatible": {
    base: "",
    wires: {
      "anthropic-messages": { rules: ANTHROPIC_COMPATIBLE, envelope: envelopes.anthropic, callId: toolu },
    },
  },
  gemini: {
    base: "/v1beta",
    // Its older models send no ids.
    wires: {
      gemini: {
        rules: GEMINI,
        envelope: envelopes.gemini,
        callId: (seq, index) => (seq % 2 === 0 ? "" : token(seq, index, 8).toLowerCase()),
      },
    },
  },
  "gemini-openai": chat(GEMINI_OPENAI, envelopes.geminiList, { calls: "whole", callId: () => "" }),
  mistral: chat(MISTRAL, envelopes.mistral, {
    reasoning: "parts",
    calls: "whole",
    typed: false,
    callId: (seq, index) => token(seq, index, 9),
    usage: "on-finish",
  }),
  groq: chat(GROQ, envelopes.openAi, {
    reasoning: "reasoning",
    calls: "whole",
    callId: (seq, index) => `fc_${token(seq, index, 8)}-${token(seq, index + 9, 4)}`,
    usage: "x-groq",
  }),
  deepseek: withResponses(
    chat(DEEPSEEK, envelopes.openAi, {
      noArguments: "",
      callId: (seq, index) => `call_${String(index).padStart(2, "0")}_${token(seq, index, 24)}`,
    }),
    DEEPSEEK_RESPONSES,
  ),
  moonshot: chat(MOONSHOT, envelopes.openAi, {
    callId: (seq, index, name) => `functions.${name}:${seq + index}`,
  }),
  "xiaomi-mimo": chat(XIAOMI),
  cerebras: chat(hosts.CEREBRAS, envelopes.flat, {
    reasoning: "reasoning",
    calls: "whole",
    callId: (seq, index) => token(seq, index, 9).toLowerCase(),
  }),
  xai: chat(hosts.XAI, envelopes.xai, {
    calls: "whole",
    callId: (seq, index) => `call_${token(seq, index, 8)}`,
  }),
  openrouter: chat(hosts.OPENROUTER, envelopes.openRouter, {
    reasoning: "details",
    usage: "always",
    callId: (seq, index, name) => `tool_${index}_${name.slice(0, 16)}_${token(seq, index, 20)}`,
  }),
  cohere: {
    base: "/v2",
    wires: {
      "cohere-chat": {
        rules: COHERE,
        envelope: envelopes.messageOnly,
        callId: (seq, index, name) => `${name}_${token(seq, index, 12).toLowerCase()}`,
      },
    },
  },
  "cohere-openai": chat(COHERE_OPENAI, envelopes.messageOnly),
  ollama: { base: "", wires: { "ollama-chat": { rules: OLLAMA, envelope: envelopes.errorText } } },
  vllm: chat(VLLM, envelopes.vllm, {
    reasoning: "reasoning",
    callId: (seq, index) => `chatcmpl-tool-${token(seq, index, 32).toLowerCase()}`,
  }),
  "llama-cpp": withResponses(
    chat(LLAMA_CPP, envelopes.vllm, { callId: (seq, index) => token(seq, index, 32) }),
    LLAMA_RESPONSES,
  ),
  qwen: chat(QWEN, envelopes.openAi),
  siliconflow: chat(SILICONFLOW, envelopes.flat),
  zai: chat(ZAI, envelopes.zai, { calls: "whole", callId: (seq, index) => `call_-${seq * 7_919 + index}` }),
  minimax: chat(MINIMAX, envelopes.minimax, {
    callId: (seq, index) => `call_function_${token(seq, index, 12).toLowerCase()}_${index + 1}`,
  }),
  nvidia: chat(hosts.NVIDIA, envelopes.problem),
  cloudflare: chat(more.CLOUDFLARE, envelopes.cloudflare),
  sambanova: chat(more.SAMBANOVA),
  together: chat(more.TOGETHER),
  fireworks: chat(more.FIREWORKS),
  deepinfra: chat(more.DEEPINFRA),
  kilo: chat(more.KILO, envelopes.openRouter, { reasoning: "details" }),
  reka: chat(more.REKA),
  pollinations: chat(more.POLLINATIONS),
  huggingface: chat(more.HUGGINGFACE),
} as const satisfies Readonly<Record<string, Twin>>;

export type TwinId = keyof typeof TWINS;

export const isTwin = (id: string): id is TwinId => Object.hasOwn(TWINS, id);

/** The base URL of a twin in front of a lab at `url`. */
export const twinUrl = (url: string, id: TwinId): string => `${url}/${id}${TWINS[id].base}`;
