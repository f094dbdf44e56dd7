// Generated from providers/ and fallbacks/ by `make generate`. Do not edit.
import type { Operation, Tier } from "@headgate/contract";

export const providerIds = [
  "agnes",
  "aimlapi",
  "anthropic",
  "bluesmind",
  "cerebras",
  "chutes",
  "claudebox",
  "cloudflare",
  "cohere",
  "custom",
  "deepinfra",
  "deepseek",
  "demo",
  "espeak",
  "fireworks",
  "gemini",
  "github",
  "groq",
  "huggingface",
  "hypereal",
  "inception",
  "kilo",
  "llamacpp",
  "llm7",
  "minimax",
  "mistral",
  "moonshot",
  "nous",
  "nvidia",
  "ofox",
  "ollama",
  "ollama-cloud",
  "ollama-cuda",
  "openai",
  "opencode-zen",
  "openrouter",
  "ovh",
  "pibox-zai",
  "pollinations",
  "qwen",
  "reka",
  "sambanova",
  "sdcpp",
  "sdcpp-cuda",
  "siliconflow",
  "talkies",
  "talkies-cuda",
  "together",
  "vllm",
  "xai",
  "zai",
  "zhipu"
] as const;
export type ProviderId = (typeof providerIds)[number];

export const modelAliases = [
  "agnes-1.5-flash",
  "agnes-2.0-flash",
  "agnes-image-2.1-flash",
  "aimlapi-gpt-4o-mini",
  "anthropic-claude-haiku-4",
  "anthropic-claude-opus-4",
  "anthropic-claude-sonnet-4",
  "bluesmind-llama-3.1-8b",
  "cerebras-glm-4.7",
  "cerebras-gpt-oss-120b",
  "cerebras-llama-3.1-8b",
  "cerebras-qwen3-235b",
  "cf-glm-4.7-flash",
  "cf-gpt-oss-120b",
  "cf-granite-4-micro",
  "cf-kimi-k2.6",
  "cf-llama-3.3-70b",
  "chutes-deepseek-v3.1",
  "chutes-kimi-k2",
  "claudebox-haiku",
  "claudebox-opus",
  "claudebox-sonnet",
  "codestral",
  "cohere-aya-32b",
  "cohere-command-a",
  "cohere-command-r",
  "cohere-command-r-plus",
  "cohere-command-r7b",
  "cohere-embed",
  "cohere-rerank",
  "deepinfra-kimi-k2",
  "deepinfra-llama-3.1-8b",
  "deepseek-chat",
  "deepseek-reasoner",
  "demo",
  "devstral",
  "fireworks-gpt-oss-120b",
  "fireworks-kimi-k2.5",
  "gemini-2.0-flash",
  "gemini-2.5-flash",
  "gemini-2.5-flash-lite",
  "gemini-3.5-flash",
  "gemini-embedding",
  "gemini-flash-latest",
  "github-gpt-4.1",
  "github-gpt-4o",
  "github-gpt-4o-mini",
  "groq-compound",
  "groq-compound-mini",
  "groq-gpt-oss-120b",
  "groq-gpt-oss-20b",
  "groq-kimi-k2",
  "groq-llama-3.1-8b",
  "groq-llama-3.3-70b",
  "groq-llama-4-scout",
  "groq-qwen3-32b",
  "groq-whisper-large-v3",
  "groq-whisper-large-v3-turbo",
  "hf-deepseek-r1",
  "hf-flux-schnell",
  "hf-gemma-3-12b",
  "hf-llama-3.1-8b",
  "hf-llama-3.3-70b",
  "hf-llama-4-scout",
  "hf-qwen-vl-72b",
  "hf-qwen3-8b",
  "hf-qwen3-vl-8b",
  "hf-qwq-32b",
  "hypereal-gpt-5.5-instant",
  "inception-mercury",
  "inception-mercury-coder",
  "kilo-laguna-m.1",
  "kilo-nemotron-3-super",
  "kilo-step-3.7-flash",
  "llm7-codestral",
  "llm7-gpt-4o-mini",
  "llm7-gpt-oss-20b",
  "llm7-llama-3.1-8b",
  "local-espeak",
  "local-ollama-cpu-bge-m3",
  "local-ollama-cpu-dolphin-phi",
  "local-ollama-cpu-gemma3-4b",
  "local-ollama-cpu-gemma4-e2b",
  "local-ollama-cpu-llama3.2-3b",
  "local-ollama-cpu-nuextract-v1.5",
  "local-ollama-cpu-phi4-mini",
  "local-ollama-cpu-qwen2.5-coder-1.5b",
  "local-ollama-cpu-qwen2.5-coder-3b",
  "local-ollama-cpu-qwen3-4b",
  "local-ollama-cpu-qwen3-embed-0.6b",
  "local-ollama-cpu-smollm2-1.7b",
  "local-ollama-cuda-bge-m3",
  "local-ollama-cuda-deepseek-coder-v2-16b",
  "local-ollama-cuda-deepseek-r1-8b",
  "local-ollama-cuda-dolphin-phi",
  "local-ollama-cuda-gemma3-4b",
  "local-ollama-cuda-gemma4-abliterated-e4b",
  "local-ollama-cuda-gemma4-e2b",
  "local-ollama-cuda-gemma4-e4b",
  "local-ollama-cuda-llama3.1-8b",
  "local-ollama-cuda-llama3.2-3b",
  "local-ollama-cuda-nuextract-v1.5",
  "local-ollama-cuda-phi4-mini",
  "local-ollama-cuda-qwen2.5-coder-1.5b",
  "local-ollama-cuda-qwen2.5-coder-3b",
  "local-ollama-cuda-qwen2.5-coder-7b",
  "local-ollama-cuda-qwen3-4b",
  "local-ollama-cuda-qwen3-8b",
  "local-ollama-cuda-qwen3-abliterated-16b",
  "local-ollama-cuda-qwen3-embed-0.6b",
  "local-ollama-cuda-smollm2-1.7b",
  "local-sdcpp-cpu-sd-turbo",
  "local-sdcpp-cpu-sdxl-turbo",
  "local-sdcpp-cuda-flux-schnell",
  "local-sdcpp-cuda-juggernaut-xi",
  "local-sdcpp-cuda-sd-turbo",
  "local-sdcpp-cuda-sdxl-lightning",
  "local-sdcpp-cuda-sdxl-turbo",
  "local-talkies-canary-180m-flash",
  "local-talkies-cuda-canary-180m-flash",
  "local-talkies-cuda-canary-1b-flash",
  "local-talkies-cuda-canary-qwen-2.5b",
  "local-talkies-cuda-kokoro-tts",
  "local-talkies-cuda-parakeet-tdt-0.6b-v3",
  "local-talkies-cuda-qwen3-tts",
  "local-talkies-cuda-whisper-large-v3",
  "local-talkies-cuda-whisper-large-v3-turbo",
  "local-talkies-kokoro-tts",
  "local-talkies-whisper-large-v3",
  "local-talkies-whisper-large-v3-turbo",
  "local-vllm-qwen",
  "magistral-medium",
  "magistral-small",
  "minimax-m2.5",
  "minimax-m2.7",
  "ministral-8b",
  "mistral-embed",
  "mistral-large",
  "mistral-small",
  "moonshot-kimi-k2",
  "moonshot-v1-8k",
  "nim-deepseek-v3.2",
  "nim-deepseek-v4-pro",
  "nim-llama-3.1-70b",
  "nim-llama-3.1-8b",
  "nim-llama-3.3-70b",
  "nim-mistral-nemo",
  "nim-nemotron-120b",
  "nous-deepseek-v4-flash",
  "ofox-glm-4.7-flash",
  "ollama-cloud-glm-4.7",
  "ollama-cloud-gpt-oss-120b",
  "ollama-cloud-kimi-k2",
  "ollama-cloud-qwen3-coder",
  "openai-dall-e-3",
  "openai-gpt-4o",
  "openai-gpt-4o-mini",
  "openai-gpt-4o-mini-transcribe",
  "openai-gpt-4o-transcribe",
  "openai-gpt-image-1",
  "openai-moderation",
  "openai-o3",
  "openai-o3-mini",
  "openai-tts-1",
  "openai-tts-1-hd",
  "openai-whisper",
  "or-deepseek-r1",
  "or-dolphin-mistral-24b",
  "or-gemma-3-27b",
  "or-gemma-4-26b",
  "or-gemma-4-31b",
  "or-glm-4.5-air",
  "or-gpt-oss-120b",
  "or-gpt-oss-20b",
  "or-hermes-3-405b",
  "or-hy3-preview",
  "or-ling-flash",
  "or-llama-3.2-3b",
  "or-llama-3.3-70b",
  "or-minimax-m2.5",
  "or-nemotron-120b",
  "or-nemotron-nano-30b",
  "or-nemotron-nano-9b",
  "or-qwen3-80b",
  "or-qwen3-coder",
  "or-ring-1t",
  "ovh-gpt-oss-120b",
  "ovh-gpt-oss-20b",
  "ovh-llama-3.3-70b",
  "ovh-qwen3-coder-30b",
  "ovh-qwen3.5-397b",
  "pibox-zai-glm-4.5-air",
  "pibox-zai-glm-4.7",
  "pibox-zai-glm-5.1",
  "pollinations-gpt-oss-20b",
  "qwen-plus",
  "qwen3-coder-plus",
  "reka-edge",
  "reka-flash-3",
  "sambanova-deepseek-v3.2",
  "sambanova-gpt-oss-120b",
  "sambanova-llama-3.3-70b",
  "siliconflow-cosyvoice2",
  "siliconflow-flux-schnell",
  "siliconflow-qwen3-8b",
  "together-llama-3-8b-lite",
  "together-llama-3.3-70b",
  "voxtral-small",
  "xai-grok-3-mini",
  "xai-grok-4",
  "zai-glm-4.5",
  "zai-glm-4.5-flash",
  "zai-glm-4.7-flash",
  "zen-big-pickle",
  "zen-deepseek-v4-flash",
  "zen-nemotron-3-super",
  "zhipu-glm-4.5",
  "zhipu-glm-4.5-flash",
  "zhipu-glm-4.7-flash"
] as const;
export type ModelAlias = (typeof modelAliases)[number];

export const groupNames = [
  "auto",
  "free-mode",
  "free-mode-large",
  "hybrid-model",
  "hybrid-model-large",
  "local-mode",
  "paid-mode",
  "paid-mode-large"
] as const;
export type GroupName = (typeof groupNames)[number];

export const directNames = [
  "claude-haiku-direct",
  "cloudflare-llama",
  "deepseek-chat-direct",
  "nvidia-deepseek-v4-pro",
  "openrouter-ring-1t"
] as const;
export type DirectName = (typeof directNames)[number];

export interface CatalogEntry {
  readonly provider: ProviderId;
  /** The id the provider knows the model by. */
  readonly upstream: string;
  readonly operation: Operation;
  readonly tier: Tier;
  /** The .env variable that switches the provider on. */
  readonly flag: string;
  readonly contextTokens?: number;
}

export const models = {
  "agnes-1.5-flash": {
    "provider": "agnes",
    "upstream": "agnes-1.5-flash",
    "operation": "chat",
    "tier": "free",
    "flag": "AGNES",
    "contextTokens": 131072
  },
  "agnes-2.0-flash": {
    "provider": "agnes",
    "upstream": "agnes-2.0-flash",
    "operation": "chat",
    "tier": "free",
    "flag": "AGNES",
    "contextTokens": 1048576
  },
  "agnes-image-2.1-flash": {
    "provider": "agnes",
    "upstream": "agnes-image-2.1-flash",
    "operation": "image",
    "tier": "free",
    "flag": "AGNES"
  },
  "aimlapi-gpt-4o-mini": {
    "provider": "aimlapi",
    "upstream": "gpt-4o-mini",
    "operation": "chat",
    "tier": "paid",
    "flag": "AIMLAPI",
    "contextTokens": 128000
  },
  "anthropic-claude-haiku-4": {
    "provider": "anthropic",
    "upstream": "claude-haiku-4-5",
    "operation": "chat",
    "tier": "paid",
    "flag": "ANTHROPIC",
    "contextTokens": 200000
  },
  "anthropic-claude-opus-4": {
    "provider": "anthropic",
    "upstream": "claude-opus-4-6",
    "operation": "chat",
    "tier": "paid",
    "flag": "ANTHROPIC",
    "contextTokens": 200000
  },
  "anthropic-claude-sonnet-4": {
    "provider": "anthropic",
    "upstream": "claude-sonnet-4-6",
    "operation": "chat",
    "tier": "paid",
    "flag": "ANTHROPIC",
    "contextTokens": 200000
  },
  "bluesmind-llama-3.1-8b": {
    "provider": "bluesmind",
    "upstream": "meta/llama-3.1-8b-instruct",
    "operation": "chat",
    "tier": "free",
    "flag": "BLUESMIND",
    "contextTokens": 131072
  },
  "cerebras-glm-4.7": {
    "provider": "cerebras",
    "upstream": "zai-glm-4.7",
    "operation": "chat",
    "tier": "free",
    "flag": "CEREBRAS",
    "contextTokens": 65536
  },
  "cerebras-gpt-oss-120b": {
    "provider": "cerebras",
    "upstream": "gpt-oss-120b",
    "operation": "chat",
    "tier": "free",
    "flag": "CEREBRAS",
    "contextTokens": 65536
  },
  "cerebras-llama-3.1-8b": {
    "provider": "cerebras",
    "upstream": "llama3.1-8b",
    "operation": "chat",
    "tier": "free",
    "flag": "CEREBRAS",
    "contextTokens": 8192
  },
  "cerebras-qwen3-235b": {
    "provider": "cerebras",
    "upstream": "qwen-3-235b-a22b-instruct-2507",
    "operation": "chat",
    "tier": "free",
    "flag": "CEREBRAS",
    "contextTokens": 65536
  },
  "cf-glm-4.7-flash": {
    "provider": "cloudflare",
    "upstream": "@cf/zai-org/glm-4.7-flash",
    "operation": "chat",
    "tier": "free",
    "flag": "CLOUDFLARE",
    "contextTokens": 131072
  },
  "cf-gpt-oss-120b": {
    "provider": "cloudflare",
    "upstream": "@cf/openai/gpt-oss-120b",
    "operation": "chat",
    "tier": "free",
    "flag": "CLOUDFLARE",
    "contextTokens": 128000
  },
  "cf-granite-4-micro": {
    "provider": "cloudflare",
    "upstream": "@cf/ibm-granite/granite-4.0-h-micro",
    "operation": "chat",
    "tier": "free",
    "flag": "CLOUDFLARE",
    "contextTokens": 131072
  },
  "cf-kimi-k2.6": {
    "provider": "cloudflare",
    "upstream": "@cf/moonshotai/kimi-k2.6",
    "operation": "chat",
    "tier": "free",
    "flag": "CLOUDFLARE",
    "contextTokens": 131072
  },
  "cf-llama-3.3-70b": {
    "provider": "cloudflare",
    "upstream": "@cf/meta/llama-3.3-70b-instruct-fp8-fast",
    "operation": "chat",
    "tier": "free",
    "flag": "CLOUDFLARE",
    "contextTokens": 24000
  },
  "chutes-deepseek-v3.1": {
    "provider": "chutes",
    "upstream": "deepseek-ai/DeepSeek-V3.1",
    "operation": "chat",
    "tier": "paid",
    "flag": "CHUTES",
    "contextTokens": 163840
  },
  "chutes-kimi-k2": {
    "provider": "chutes",
    "upstream": "moonshotai/Kimi-K2-Instruct-0905",
    "operation": "chat",
    "tier": "paid",
    "flag": "CHUTES",
    "contextTokens": 262144
  },
  "claudebox-haiku": {
    "provider": "claudebox",
    "upstream": "haiku",
    "operation": "chat",
    "tier": "subscription",
    "flag": "CLAUDEBOX",
    "contextTokens": 200000
  },
  "claudebox-opus": {
    "provider": "claudebox",
    "upstream": "opus",
    "operation": "chat",
    "tier": "subscription",
    "flag": "CLAUDEBOX",
    "contextTokens": 200000
  },
  "claudebox-sonnet": {
    "provider": "claudebox",
    "upstream": "sonnet",
    "operation": "chat",
    "tier": "subscription",
    "flag": "CLAUDEBOX",
    "contextTokens": 200000
  },
  "codestral": {
    "provider": "mistral",
    "upstream": "codestral-2508",
    "operation": "chat",
    "tier": "paid",
    "flag": "MISTRAL",
    "contextTokens": 256000
  },
  "cohere-aya-32b": {
    "provider": "cohere",
    "upstream": "c4ai-aya-expanse-32b",
    "operation": "chat",
    "tier": "free",
    "flag": "COHERE",
    "contextTokens": 128000
  },
  "cohere-command-a": {
    "provider": "cohere",
    "upstream": "command-a-03-2025",
    "operation": "chat",
    "tier": "free",
    "flag": "COHERE",
    "contextTokens": 256000
  },
  "cohere-command-r": {
    "provider": "cohere",
    "upstream": "command-r-08-2024",
    "operation": "chat",
    "tier": "free",
    "flag": "COHERE",
    "contextTokens": 128000
  },
  "cohere-command-r-plus": {
    "provider": "cohere",
    "upstream": "command-r-plus-08-2024",
    "operation": "chat",
    "tier": "free",
    "flag": "COHERE",
    "contextTokens": 128000
  },
  "cohere-command-r7b": {
    "provider": "cohere",
    "upstream": "command-r7b-12-2024",
    "operation": "chat",
    "tier": "free",
    "flag": "COHERE",
    "contextTokens": 128000
  },
  "cohere-embed": {
    "provider": "cohere",
    "upstream": "embed-v4.0",
    "operation": "embedding",
    "tier": "free",
    "flag": "COHERE",
    "contextTokens": 128000
  },
  "cohere-rerank": {
    "provider": "cohere",
    "upstream": "rerank-v3.5",
    "operation": "rerank",
    "tier": "free",
    "flag": "COHERE",
    "contextTokens": 4096
  },
  "deepinfra-kimi-k2": {
    "provider": "deepinfra",
    "upstream": "moonshotai/Kimi-K2-Instruct",
    "operation": "chat",
    "tier": "paid",
    "flag": "DEEPINFRA",
    "contextTokens": 131072
  },
  "deepinfra-llama-3.1-8b": {
    "provider": "deepinfra",
    "upstream": "meta-llama/Meta-Llama-3.1-8B-Instruct",
    "operation": "chat",
    "tier": "free",
    "flag": "DEEPINFRA",
    "contextTokens": 131072
  },
  "deepseek-chat": {
    "provider": "deepseek",
    "upstream": "deepseek-chat",
    "operation": "chat",
    "tier": "paid",
    "flag": "DEEPSEEK",
    "contextTokens": 128000
  },
  "deepseek-reasoner": {
    "provider": "deepseek",
    "upstream": "deepseek-reasoner",
    "operation": "chat",
    "tier": "paid",
    "flag": "DEEPSEEK",
    "contextTokens": 128000
  },
  "demo": { "provider": "demo", "upstream": "canned", "operation": "chat", "tier": "local", "flag": "DEMO" },
  "devstral": {
    "provider": "mistral",
    "upstream": "devstral-2512",
    "operation": "chat",
    "tier": "paid",
    "flag": "MISTRAL",
    "contextTokens": 262144
  },
  "fireworks-gpt-oss-120b": {
    "provider": "fireworks",
    "upstream": "accounts/fireworks/models/gpt-oss-120b",
    "operation": "chat",
    "tier": "paid",
    "flag": "FIREWORKS",
    "contextTokens": 131072
  },
  "fireworks-kimi-k2.5": {
    "provider": "fireworks",
    "upstream": "accounts/fireworks/models/kimi-k2p5",
    "operation": "chat",
    "tier": "free",
    "flag": "FIREWORKS",
    "contextTokens": 131072
  },
  "gemini-2.0-flash": {
    "provider": "gemini",
    "upstream": "gemini-2.0-flash",
    "operation": "chat",
    "tier": "free",
    "flag": "GEMINI",
    "contextTokens": 1048576
  },
  "gemini-2.5-flash": {
    "provider": "gemini",
    "upstream": "gemini-2.5-flash",
    "operation": "chat",
    "tier": "free",
    "flag": "GEMINI",
    "contextTokens": 1048576
  },
  "gemini-2.5-flash-lite": {
    "provider": "gemini",
    "upstream": "gemini-2.5-flash-lite",
    "operation": "chat",
    "tier": "free",
    "flag": "GEMINI",
    "contextTokens": 1048576
  },
  "gemini-3.5-flash": {
    "provider": "gemini",
    "upstream": "gemini-3.5-flash",
    "operation": "chat",
    "tier": "free",
    "flag": "GEMINI",
    "contextTokens": 1048576
  },
  "gemini-embedding": {
    "provider": "gemini",
    "upstream": "gemini-embedding-001",
    "operation": "embedding",
    "tier": "free",
    "flag": "GEMINI",
    "contextTokens": 2048
  },
  "gemini-flash-latest": {
    "provider": "gemini",
    "upstream": "gemini-flash-latest",
    "operation": "chat",
    "tier": "free",
    "flag": "GEMINI",
    "contextTokens": 1048576
  },
  "github-gpt-4.1": {
    "provider": "github",
    "upstream": "gpt-4.1",
    "operation": "chat",
    "tier": "free",
    "flag": "GITHUB_MODELS",
    "contextTokens": 8000
  },
  "github-gpt-4o": {
    "provider": "github",
    "upstream": "gpt-4o",
    "operation": "chat",
    "tier": "free",
    "flag": "GITHUB_MODELS",
    "contextTokens": 8000
  },
  "github-gpt-4o-mini": {
    "provider": "github",
    "upstream": "gpt-4o-mini",
    "operation": "chat",
    "tier": "free",
    "flag": "GITHUB_MODELS",
    "contextTokens": 8000
  },
  "groq-compound": {
    "provider": "groq",
    "upstream": "compound-beta",
    "operation": "chat",
    "tier": "free",
    "flag": "GROQ",
    "contextTokens": 131072
  },
  "groq-compound-mini": {
    "provider": "groq",
    "upstream": "compound-beta-mini",
    "operation": "chat",
    "tier": "free",
    "flag": "GROQ",
    "contextTokens": 131072
  },
  "groq-gpt-oss-120b": {
    "provider": "groq",
    "upstream": "openai/gpt-oss-120b",
    "operation": "chat",
    "tier": "free",
    "flag": "GROQ",
    "contextTokens": 131072
  },
  "groq-gpt-oss-20b": {
    "provider": "groq",
    "upstream": "openai/gpt-oss-20b",
    "operation": "chat",
    "tier": "free",
    "flag": "GROQ",
    "contextTokens": 131072
  },
  "groq-kimi-k2": {
    "provider": "groq",
    "upstream": "moonshotai/kimi-k2-instruct",
    "operation": "chat",
    "tier": "free",
    "flag": "GROQ",
    "contextTokens": 131072
  },
  "groq-llama-3.1-8b": {
    "provider": "groq",
    "upstream": "llama-3.1-8b-instant",
    "operation": "chat",
    "tier": "free",
    "flag": "GROQ",
    "contextTokens": 131072
  },
  "groq-llama-3.3-70b": {
    "provider": "groq",
    "upstream": "llama-3.3-70b-versatile",
    "operation": "chat",
    "tier": "free",
    "flag": "GROQ",
    "contextTokens": 131072
  },
  "groq-llama-4-scout": {
    "provider": "groq",
    "upstream": "meta-llama/llama-4-scout-17b-16e-instruct",
    "operation": "chat",
    "tier": "free",
    "flag": "GROQ",
    "contextTokens": 131072
  },
  "groq-qwen3-32b": {
    "provider": "groq",
    "upstream": "qwen/qwen3-32b",
    "operation": "chat",
    "tier": "free",
    "flag": "GROQ",
    "contextTokens": 131072
  },
  "groq-whisper-large-v3": {
    "provider": "groq",
    "upstream": "whisper-large-v3",
    "operation": "transcription",
    "tier": "free",
    "flag": "GROQ"
  },
  "groq-whisper-large-v3-turbo": {
    "provider": "groq",
    "upstream": "whisper-large-v3-turbo",
    "operation": "transcription",
    "tier": "free",
    "flag": "GROQ"
  },
  "hf-deepseek-r1": {
    "provider": "huggingface",
    "upstream": "deepseek-ai/DeepSeek-R1",
    "operation": "chat",
    "tier": "free",
    "flag": "HUGGINGFACE",
    "contextTokens": 131072
  },
  "hf-flux-schnell": {
    "provider": "huggingface",
    "upstream": "black-forest-labs/FLUX.1-schnell",
    "operation": "image",
    "tier": "free",
    "flag": "HUGGINGFACE"
  },
  "hf-gemma-3-12b": {
    "provider": "huggingface",
    "upstream": "google/gemma-3-12b-it",
    "operation": "chat",
    "tier": "free",
    "flag": "HUGGINGFACE",
    "contextTokens": 131072
  },
  "hf-llama-3.1-8b": {
    "provider": "huggingface",
    "upstream": "meta-llama/Llama-3.1-8B-Instruct",
    "operation": "chat",
    "tier": "free",
    "flag": "HUGGINGFACE",
    "contextTokens": 131072
  },
  "hf-llama-3.3-70b": {
    "provider": "huggingface",
    "upstream": "meta-llama/Llama-3.3-70B-Instruct",
    "operation": "chat",
    "tier": "free",
    "flag": "HUGGINGFACE",
    "contextTokens": 131072
  },
  "hf-llama-4-scout": {
    "provider": "huggingface",
    "upstream": "meta-llama/Llama-4-Scout-17B-16E-Instruct",
    "operation": "chat",
    "tier": "free",
    "flag": "HUGGINGFACE",
    "contextTokens": 131072
  },
  "hf-qwen-vl-72b": {
    "provider": "huggingface",
    "upstream": "Qwen/Qwen2.5-VL-72B-Instruct",
    "operation": "chat",
    "tier": "free",
    "flag": "HUGGINGFACE",
    "contextTokens": 32768
  },
  "hf-qwen3-8b": {
    "provider": "huggingface",
    "upstream": "Qwen/Qwen3-8B",
    "operation": "chat",
    "tier": "free",
    "flag": "HUGGINGFACE",
    "contextTokens": 40960
  },
  "hf-qwen3-vl-8b": {
    "provider": "huggingface",
    "upstream": "Qwen/Qwen2.5-VL-7B-Instruct",
    "operation": "chat",
    "tier": "free",
    "flag": "HUGGINGFACE",
    "contextTokens": 32768
  },
  "hf-qwq-32b": {
    "provider": "huggingface",
    "upstream": "Qwen/QwQ-32B",
    "operation": "chat",
    "tier": "free",
    "flag": "HUGGINGFACE",
    "contextTokens": 131072
  },
  "hypereal-gpt-5.5-instant": {
    "provider": "hypereal",
    "upstream": "gpt-5.5-instant",
    "operation": "chat",
    "tier": "paid",
    "flag": "HYPEREAL",
    "contextTokens": 400000
  },
  "inception-mercury": {
    "provider": "inception",
    "upstream": "mercury",
    "operation": "chat",
    "tier": "paid",
    "flag": "INCEPTION",
    "contextTokens": 128000
  },
  "inception-mercury-coder": {
    "provider": "inception",
    "upstream": "mercury-coder",
    "operation": "chat",
    "tier": "paid",
    "flag": "INCEPTION",
    "contextTokens": 128000
  },
  "kilo-laguna-m.1": {
    "provider": "kilo",
    "upstream": "poolside/laguna-m.1:free",
    "operation": "chat",
    "tier": "free",
    "flag": "KILO",
    "contextTokens": 262144
  },
  "kilo-nemotron-3-super": {
    "provider": "kilo",
    "upstream": "nvidia/nemotron-3-super-120b-a12b:free",
    "operation": "chat",
    "tier": "free",
    "flag": "KILO",
    "contextTokens": 262144
  },
  "kilo-step-3.7-flash": {
    "provider": "kilo",
    "upstream": "stepfun/step-3.7-flash:free",
    "operation": "chat",
    "tier": "free",
    "flag": "KILO",
    "contextTokens": 262144
  },
  "llm7-codestral": {
    "provider": "llm7",
    "upstream": "codestral-latest",
    "operation": "chat",
    "tier": "free",
    "flag": "LLM7",
    "contextTokens": 32000
  },
  "llm7-gpt-4o-mini": {
    "provider": "llm7",
    "upstream": "gpt-4o-mini-2024-07-18",
    "operation": "chat",
    "tier": "free",
    "flag": "LLM7",
    "contextTokens": 128000
  },
  "llm7-gpt-oss-20b": {
    "provider": "llm7",
    "upstream": "gpt-oss-20b",
    "operation": "chat",
    "tier": "free",
    "flag": "LLM7",
    "contextTokens": 131072
  },
  "llm7-llama-3.1-8b": {
    "provider": "llm7",
    "upstream": "meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo",
    "operation": "chat",
    "tier": "free",
    "flag": "LLM7",
    "contextTokens": 131072
  },
  "local-espeak": {
    "provider": "espeak",
    "upstream": "espeak-ng",
    "operation": "speech",
    "tier": "local",
    "flag": "ESPEAK"
  },
  "local-ollama-cpu-bge-m3": {
    "provider": "ollama",
    "upstream": "bge-m3",
    "operation": "embedding",
    "tier": "local",
    "flag": "OLLAMA",
    "contextTokens": 8192
  },
  "local-ollama-cpu-dolphin-phi": {
    "provider": "ollama",
    "upstream": "dolphin-phi:latest",
    "operation": "chat",
    "tier": "local",
    "flag": "OLLAMA",
    "contextTokens": 2048
  },
  "local-ollama-cpu-gemma3-4b": {
    "provider": "ollama",
    "upstream": "gemma3:4b",
    "operation": "chat",
    "tier": "local",
    "flag": "OLLAMA",
    "contextTokens": 131072
  },
  "local-ollama-cpu-gemma4-e2b": {
    "provider": "ollama",
    "upstream": "gemma4:e2b",
    "operation": "chat",
    "tier": "local",
    "flag": "OLLAMA",
    "contextTokens": 131072
  },
  "local-ollama-cpu-llama3.2-3b": {
    "provider": "ollama",
    "upstream": "llama3.2:3b",
    "operation": "chat",
    "tier": "local",
    "flag": "OLLAMA",
    "contextTokens": 131072
  },
  "local-ollama-cpu-nuextract-v1.5": {
    "provider": "ollama",
    "upstream": "nuextract",
    "operation": "chat",
    "tier": "local",
    "flag": "OLLAMA"
  },
  "local-ollama-cpu-phi4-mini": {
    "provider": "ollama",
    "upstream": "phi4-mini",
    "operation": "chat",
    "tier": "local",
    "flag": "OLLAMA",
    "contextTokens": 131072
  },
  "local-ollama-cpu-qwen2.5-coder-1.5b": {
    "provider": "ollama",
    "upstream": "qwen2.5-coder:1.5b",
    "operation": "chat",
    "tier": "local",
    "flag": "OLLAMA",
    "contextTokens": 32768
  },
  "local-ollama-cpu-qwen2.5-coder-3b": {
    "provider": "ollama",
    "upstream": "qwen2.5-coder:3b",
    "operation": "chat",
    "tier": "local",
    "flag": "OLLAMA",
    "contextTokens": 32768
  },
  "local-ollama-cpu-qwen3-4b": {
    "provider": "ollama",
    "upstream": "qwen3:4b",
    "operation": "chat",
    "tier": "local",
    "flag": "OLLAMA",
    "contextTokens": 40960
  },
  "local-ollama-cpu-qwen3-embed-0.6b": {
    "provider": "ollama",
    "upstream": "qwen3-embedding:0.6b",
    "operation": "embedding",
    "tier": "local",
    "flag": "OLLAMA",
    "contextTokens": 32768
  },
  "local-ollama-cpu-smollm2-1.7b": {
    "provider": "ollama",
    "upstream": "smollm2:1.7b",
    "operation": "chat",
    "tier": "local",
    "flag": "OLLAMA",
    "contextTokens": 8192
  },
  "local-ollama-cuda-bge-m3": {
    "provider": "ollama-cuda",
    "upstream": "bge-m3",
    "operation": "embedding",
    "tier": "local",
    "flag": "OLLAMA_CUDA",
    "contextTokens": 8192
  },
  "local-ollama-cuda-deepseek-coder-v2-16b": {
    "provider": "ollama-cuda",
    "upstream": "deepseek-coder-v2:16b",
    "operation": "chat",
    "tier": "local",
    "flag": "OLLAMA_CUDA",
    "contextTokens": 163840
  },
  "local-ollama-cuda-deepseek-r1-8b": {
    "provider": "ollama-cuda",
    "upstream": "deepseek-r1:8b",
    "operation": "chat",
    "tier": "local",
    "flag": "OLLAMA_CUDA",
    "contextTokens": 131072
  },
  "local-ollama-cuda-dolphin-phi": {
    "provider": "ollama-cuda",
    "upstream": "dolphin-phi:latest",
    "operation": "chat",
    "tier": "local",
    "flag": "OLLAMA_CUDA",
    "contextTokens": 2048
  },
  "local-ollama-cuda-gemma3-4b": {
    "provider": "ollama-cuda",
    "upstream": "gemma3:4b",
    "operation": "chat",
    "tier": "local",
    "flag": "OLLAMA_CUDA",
    "contextTokens": 131072
  },
  "local-ollama-cuda-gemma4-abliterated-e4b": {
    "provider": "ollama-cuda",
    "upstream": "huihui_ai/gemma-4-abliterated:e4b",
    "operation": "chat",
    "tier": "local",
    "flag": "OLLAMA_CUDA",
    "contextTokens": 131072
  },
  "local-ollama-cuda-gemma4-e2b": {
    "provider": "ollama-cuda",
    "upstream": "gemma4:e2b",
    "operation": "chat",
    "tier": "local",
    "flag": "OLLAMA_CUDA",
    "contextTokens": 131072
  },
  "local-ollama-cuda-gemma4-e4b": {
    "provider": "ollama-cuda",
    "upstream": "gemma4:e4b",
    "operation": "chat",
    "tier": "local",
    "flag": "OLLAMA_CUDA",
    "contextTokens": 131072
  },
  "local-ollama-cuda-llama3.1-8b": {
    "provider": "ollama-cuda",
    "upstream": "llama3.1:8b",
    "operation": "chat",
    "tier": "local",
    "flag": "OLLAMA_CUDA",
    "contextTokens": 131072
  },
  "local-ollama-cuda-llama3.2-3b": {
    "provider": "ollama-cuda",
    "upstream": "llama3.2:3b",
    "operation": "chat",
    "tier": "local",
    "flag": "OLLAMA_CUDA",
    "contextTokens": 131072
  },
  "local-ollama-cuda-nuextract-v1.5": {
    "provider": "ollama-cuda",
    "upstream": "iodose/nuextract-v1.5",
    "operation": "chat",
    "tier": "local",
    "flag": "OLLAMA_CUDA"
  },
  "local-ollama-cuda-phi4-mini": {
    "provider": "ollama-cuda",
    "upstream": "phi4-mini",
    "operation": "chat",
    "tier": "local",
    "flag": "OLLAMA_CUDA",
    "contextTokens": 131072
  },
  "local-ollama-cuda-qwen2.5-coder-1.5b": {
    "provider": "ollama-cuda",
    "upstream": "qwen2.5-coder:1.5b",
    "operation": "chat",
    "tier": "local",
    "flag": "OLLAMA_CUDA",
    "contextTokens": 32768
  },
  "local-ollama-cuda-qwen2.5-coder-3b": {
    "provider": "ollama-cuda",
    "upstream": "qwen2.5-coder:3b",
    "operation": "chat",
    "tier": "local",
    "flag": "OLLAMA_CUDA",
    "contextTokens": 32768
  },
  "local-ollama-cuda-qwen2.5-coder-7b": {
    "provider": "ollama-cuda",
    "upstream": "qwen2.5-coder:7b",
    "operation": "chat",
    "tier": "local",
    "flag": "OLLAMA_CUDA",
    "contextTokens": 32768
  },
  "local-ollama-cuda-qwen3-4b": {
    "provider": "ollama-cuda",
    "upstream": "qwen3:4b",
    "operation": "chat",
    "tier": "local",
    "flag": "OLLAMA_CUDA",
    "contextTokens": 40960
  },
  "local-ollama-cuda-qwen3-8b": {
    "provider": "ollama-cuda",
    "upstream": "qwen3:8b",
    "operation": "chat",
    "tier": "local",
    "flag": "OLLAMA_CUDA",
    "contextTokens": 40960
  },
  "local-ollama-cuda-qwen3-abliterated-16b": {
    "provider": "ollama-cuda",
    "upstream": "huihui_ai/qwen3-abliterated:16b",
    "operation": "chat",
    "tier": "local",
    "flag": "OLLAMA_CUDA",
    "contextTokens": 40960
  },
  "local-ollama-cuda-qwen3-embed-0.6b": {
    "provider": "ollama-cuda",
    "upstream": "qwen3-embedding:0.6b",
    "operation": "embedding",
    "tier": "local",
    "flag": "OLLAMA_CUDA",
    "contextTokens": 32768
  },
  "local-ollama-cuda-smollm2-1.7b": {
    "provider": "ollama-cuda",
    "upstream": "smollm2:1.7b",
    "operation": "chat",
    "tier": "local",
    "flag": "OLLAMA_CUDA",
    "contextTokens": 8192
  },
  "local-sdcpp-cpu-sd-turbo": {
    "provider": "sdcpp",
    "upstream": "sd-turbo",
    "operation": "image",
    "tier": "local",
    "flag": "SDCPP"
  },
  "local-sdcpp-cpu-sdxl-turbo": {
    "provider": "sdcpp",
    "upstream": "sdxl-turbo",
    "operation": "image",
    "tier": "local",
    "flag": "SDCPP"
  },
  "local-sdcpp-cuda-flux-schnell": {
    "provider": "sdcpp-cuda",
    "upstream": "flux-schnell",
    "operation": "image",
    "tier": "local",
    "flag": "SDCPP_CUDA"
  },
  "local-sdcpp-cuda-juggernaut-xi": {
    "provider": "sdcpp-cuda",
    "upstream": "juggernaut-xi",
    "operation": "image",
    "tier": "local",
    "flag": "SDCPP_CUDA"
  },
  "local-sdcpp-cuda-sd-turbo": {
    "provider": "sdcpp-cuda",
    "upstream": "sd-turbo",
    "operation": "image",
    "tier": "local",
    "flag": "SDCPP_CUDA"
  },
  "local-sdcpp-cuda-sdxl-lightning": {
    "provider": "sdcpp-cuda",
    "upstream": "sdxl-lightning",
    "operation": "image",
    "tier": "local",
    "flag": "SDCPP_CUDA"
  },
  "local-sdcpp-cuda-sdxl-turbo": {
    "provider": "sdcpp-cuda",
    "upstream": "sdxl-turbo",
    "operation": "image",
    "tier": "local",
    "flag": "SDCPP_CUDA"
  },
  "local-talkies-canary-180m-flash": {
    "provider": "talkies",
    "upstream": "canary-180m-flash",
    "operation": "transcription",
    "tier": "local",
    "flag": "TALKIES"
  },
  "local-talkies-cuda-canary-180m-flash": {
    "provider": "talkies-cuda",
    "upstream": "canary-180m-flash",
    "operation": "transcription",
    "tier": "local",
    "flag": "TALKIES_CUDA"
  },
  "local-talkies-cuda-canary-1b-flash": {
    "provider": "talkies-cuda",
    "upstream": "canary-1b-flash",
    "operation": "transcription",
    "tier": "local",
    "flag": "TALKIES_CUDA"
  },
  "local-talkies-cuda-canary-qwen-2.5b": {
    "provider": "talkies-cuda",
    "upstream": "canary-qwen-2.5b",
    "operation": "transcription",
    "tier": "local",
    "flag": "TALKIES_CUDA"
  },
  "local-talkies-cuda-kokoro-tts": {
    "provider": "talkies-cuda",
    "upstream": "kokoro-82m",
    "operation": "speech",
    "tier": "local",
    "flag": "TALKIES_CUDA"
  },
  "local-talkies-cuda-parakeet-tdt-0.6b-v3": {
    "provider": "talkies-cuda",
    "upstream": "parakeet-tdt-0.6b-v3",
    "operation": "transcription",
    "tier": "local",
    "flag": "TALKIES_CUDA"
  },
  "local-talkies-cuda-qwen3-tts": {
    "provider": "talkies-cuda",
    "upstream": "qwen3-tts-0.6b",
    "operation": "speech",
    "tier": "local",
    "flag": "TALKIES_CUDA"
  },
  "local-talkies-cuda-whisper-large-v3": {
    "provider": "talkies-cuda",
    "upstream": "whisper-large-v3",
    "operation": "transcription",
    "tier": "local",
    "flag": "TALKIES_CUDA"
  },
  "local-talkies-cuda-whisper-large-v3-turbo": {
    "provider": "talkies-cuda",
    "upstream": "whisper-large-v3-turbo",
    "operation": "transcription",
    "tier": "local",
    "flag": "TALKIES_CUDA"
  },
  "local-talkies-kokoro-tts": {
    "provider": "talkies",
    "upstream": "kokoro-82m",
    "operation": "speech",
    "tier": "local",
    "flag": "TALKIES"
  },
  "local-talkies-whisper-large-v3": {
    "provider": "talkies",
    "upstream": "whisper-large-v3",
    "operation": "transcription",
    "tier": "local",
    "flag": "TALKIES"
  },
  "local-talkies-whisper-large-v3-turbo": {
    "provider": "talkies",
    "upstream": "whisper-large-v3-turbo",
    "operation": "transcription",
    "tier": "local",
    "flag": "TALKIES"
  },
  "local-vllm-qwen": {
    "provider": "vllm",
    "upstream": "Qwen3.6-35B-A3B-NVFP4",
    "operation": "chat",
    "tier": "local",
    "flag": "VLLM",
    "contextTokens": 32768
  },
  "magistral-medium": {
    "provider": "mistral",
    "upstream": "magistral-medium-2509",
    "operation": "chat",
    "tier": "paid",
    "flag": "MISTRAL",
    "contextTokens": 131072
  },
  "magistral-small": {
    "provider": "mistral",
    "upstream": "magistral-small-2509",
    "operation": "chat",
    "tier": "paid",
    "flag": "MISTRAL",
    "contextTokens": 131072
  },
  "minimax-m2.5": {
    "provider": "minimax",
    "upstream": "MiniMax-M2.5",
    "operation": "chat",
    "tier": "paid",
    "flag": "MINIMAX",
    "contextTokens": 196608
  },
  "minimax-m2.7": {
    "provider": "minimax",
    "upstream": "MiniMax-M2.7",
    "operation": "chat",
    "tier": "paid",
    "flag": "MINIMAX",
    "contextTokens": 196608
  },
  "ministral-8b": {
    "provider": "mistral",
    "upstream": "ministral-3-8b-2512",
    "operation": "chat",
    "tier": "free",
    "flag": "MISTRAL",
    "contextTokens": 262144
  },
  "mistral-embed": {
    "provider": "mistral",
    "upstream": "mistral-embed",
    "operation": "embedding",
    "tier": "free",
    "flag": "MISTRAL",
    "contextTokens": 8192
  },
  "mistral-large": {
    "provider": "mistral",
    "upstream": "mistral-large-2512",
    "operation": "chat",
    "tier": "free",
    "flag": "MISTRAL",
    "contextTokens": 262144
  },
  "mistral-small": {
    "provider": "mistral",
    "upstream": "mistral-small-2603",
    "operation": "chat",
    "tier": "free",
    "flag": "MISTRAL",
    "contextTokens": 262144
  },
  "moonshot-kimi-k2": {
    "provider": "moonshot",
    "upstream": "kimi-k2-0905-preview",
    "operation": "chat",
    "tier": "paid",
    "flag": "MOONSHOT",
    "contextTokens": 262144
  },
  "moonshot-v1-8k": {
    "provider": "moonshot",
    "upstream": "moonshot-v1-8k",
    "operation": "chat",
    "tier": "paid",
    "flag": "MOONSHOT",
    "contextTokens": 8192
  },
  "nim-deepseek-v3.2": {
    "provider": "nvidia",
    "upstream": "deepseek-ai/deepseek-v3.2",
    "operation": "chat",
    "tier": "free",
    "flag": "NVIDIA",
    "contextTokens": 131072
  },
  "nim-deepseek-v4-pro": {
    "provider": "nvidia",
    "upstream": "deepseek-ai/deepseek-v4-pro",
    "operation": "chat",
    "tier": "free",
    "flag": "NVIDIA",
    "contextTokens": 131072
  },
  "nim-llama-3.1-70b": {
    "provider": "nvidia",
    "upstream": "meta/llama-3.1-70b-instruct",
    "operation": "chat",
    "tier": "free",
    "flag": "NVIDIA",
    "contextTokens": 131072
  },
  "nim-llama-3.1-8b": {
    "provider": "nvidia",
    "upstream": "meta/llama-3.1-8b-instruct",
    "operation": "chat",
    "tier": "free",
    "flag": "NVIDIA",
    "contextTokens": 131072
  },
  "nim-llama-3.3-70b": {
    "provider": "nvidia",
    "upstream": "meta/llama-3.3-70b-instruct",
    "operation": "chat",
    "tier": "free",
    "flag": "NVIDIA",
    "contextTokens": 131072
  },
  "nim-mistral-nemo": {
    "provider": "nvidia",
    "upstream": "mistralai/mistral-nemo-12b-instruct",
    "operation": "chat",
    "tier": "free",
    "flag": "NVIDIA",
    "contextTokens": 131072
  },
  "nim-nemotron-120b": {
    "provider": "nvidia",
    "upstream": "nvidia/nemotron-3-super-120b-a12b",
    "operation": "chat",
    "tier": "free",
    "flag": "NVIDIA",
    "contextTokens": 262144
  },
  "nous-deepseek-v4-flash": {
    "provider": "nous",
    "upstream": "deepseek/deepseek-v4-flash:free",
    "operation": "chat",
    "tier": "free",
    "flag": "NOUS",
    "contextTokens": 131072
  },
  "ofox-glm-4.7-flash": {
    "provider": "ofox",
    "upstream": "z-ai/glm-4.7-flash:free",
    "operation": "chat",
    "tier": "free",
    "flag": "OFOX",
    "contextTokens": 200000
  },
  "ollama-cloud-glm-4.7": {
    "provider": "ollama-cloud",
    "upstream": "glm-4.7",
    "operation": "chat",
    "tier": "free",
    "flag": "OLLAMA_CLOUD",
    "contextTokens": 200000
  },
  "ollama-cloud-gpt-oss-120b": {
    "provider": "ollama-cloud",
    "upstream": "gpt-oss:120b",
    "operation": "chat",
    "tier": "free",
    "flag": "OLLAMA_CLOUD",
    "contextTokens": 131072
  },
  "ollama-cloud-kimi-k2": {
    "provider": "ollama-cloud",
    "upstream": "kimi-k2:1t",
    "operation": "chat",
    "tier": "free",
    "flag": "OLLAMA_CLOUD",
    "contextTokens": 262144
  },
  "ollama-cloud-qwen3-coder": {
    "provider": "ollama-cloud",
    "upstream": "qwen3-coder:480b",
    "operation": "chat",
    "tier": "free",
    "flag": "OLLAMA_CLOUD",
    "contextTokens": 262144
  },
  "openai-dall-e-3": {
    "provider": "openai",
    "upstream": "dall-e-3",
    "operation": "image",
    "tier": "paid",
    "flag": "OPENAI"
  },
  "openai-gpt-4o": {
    "provider": "openai",
    "upstream": "gpt-4o",
    "operation": "chat",
    "tier": "paid",
    "flag": "OPENAI",
    "contextTokens": 128000
  },
  "openai-gpt-4o-mini": {
    "provider": "openai",
    "upstream": "gpt-4o-mini",
    "operation": "chat",
    "tier": "paid",
    "flag": "OPENAI",
    "contextTokens": 128000
  },
  "openai-gpt-4o-mini-transcribe": {
    "provider": "openai",
    "upstream": "gpt-4o-mini-transcribe",
    "operation": "transcription",
    "tier": "paid",
    "flag": "OPENAI"
  },
  "openai-gpt-4o-transcribe": {
    "provider": "openai",
    "upstream": "gpt-4o-transcribe",
    "operation": "transcription",
    "tier": "paid",
    "flag": "OPENAI"
  },
  "openai-gpt-image-1": {
    "provider": "openai",
    "upstream": "gpt-image-1",
    "operation": "image",
    "tier": "paid",
    "flag": "OPENAI"
  },
  "openai-moderation": {
    "provider": "openai",
    "upstream": "omni-moderation-latest",
    "operation": "moderation",
    "tier": "free",
    "flag": "OPENAI"
  },
  "openai-o3": {
    "provider": "openai",
    "upstream": "o3",
    "operation": "chat",
    "tier": "paid",
    "flag": "OPENAI",
    "contextTokens": 200000
  },
  "openai-o3-mini": {
    "provider": "openai",
    "upstream": "o3-mini",
    "operation": "chat",
    "tier": "paid",
    "flag": "OPENAI",
    "contextTokens": 200000
  },
  "openai-tts-1": {
    "provider": "openai",
    "upstream": "tts-1",
    "operation": "speech",
    "tier": "paid",
    "flag": "OPENAI"
  },
  "openai-tts-1-hd": {
    "provider": "openai",
    "upstream": "tts-1-hd",
    "operation": "speech",
    "tier": "paid",
    "flag": "OPENAI"
  },
  "openai-whisper": {
    "provider": "openai",
    "upstream": "whisper-1",
    "operation": "transcription",
    "tier": "paid",
    "flag": "OPENAI"
  },
  "or-deepseek-r1": {
    "provider": "openrouter",
    "upstream": "deepseek/deepseek-r1:free",
    "operation": "chat",
    "tier": "free",
    "flag": "OPENROUTER",
    "contextTokens": 65536
  },
  "or-dolphin-mistral-24b": {
    "provider": "openrouter",
    "upstream": "cognitivecomputations/dolphin-mistral-24b-venice-edition:free",
    "operation": "chat",
    "tier": "free",
    "flag": "OPENROUTER",
    "contextTokens": 32768
  },
  "or-gemma-3-27b": {
    "provider": "openrouter",
    "upstream": "google/gemma-3-27b-it:free",
    "operation": "chat",
    "tier": "free",
    "flag": "OPENROUTER",
    "contextTokens": 131072
  },
  "or-gemma-4-26b": {
    "provider": "openrouter",
    "upstream": "google/gemma-4-26b-a4b-it:free",
    "operation": "chat",
    "tier": "free",
    "flag": "OPENROUTER",
    "contextTokens": 262144
  },
  "or-gemma-4-31b": {
    "provider": "openrouter",
    "upstream": "google/gemma-4-31b-it:free",
    "operation": "chat",
    "tier": "free",
    "flag": "OPENROUTER",
    "contextTokens": 262144
  },
  "or-glm-4.5-air": {
    "provider": "openrouter",
    "upstream": "z-ai/glm-4.5-air:free",
    "operation": "chat",
    "tier": "free",
    "flag": "OPENROUTER",
    "contextTokens": 131072
  },
  "or-gpt-oss-120b": {
    "provider": "openrouter",
    "upstream": "openai/gpt-oss-120b:free",
    "operation": "chat",
    "tier": "free",
    "flag": "OPENROUTER",
    "contextTokens": 131072
  },
  "or-gpt-oss-20b": {
    "provider": "openrouter",
    "upstream": "openai/gpt-oss-20b:free",
    "operation": "chat",
    "tier": "free",
    "flag": "OPENROUTER",
    "contextTokens": 131072
  },
  "or-hermes-3-405b": {
    "provider": "openrouter",
    "upstream": "nousresearch/hermes-3-llama-3.1-405b:free",
    "operation": "chat",
    "tier": "free",
    "flag": "OPENROUTER",
    "contextTokens": 131072
  },
  "or-hy3-preview": {
    "provider": "openrouter",
    "upstream": "tencent/hy3-preview:free",
    "operation": "chat",
    "tier": "free",
    "flag": "OPENROUTER",
    "contextTokens": 262144
  },
  "or-ling-flash": {
    "provider": "openrouter",
    "upstream": "inclusionai/ling-2.6-flash:free",
    "operation": "chat",
    "tier": "free",
    "flag": "OPENROUTER",
    "contextTokens": 262144
  },
  "or-llama-3.2-3b": {
    "provider": "openrouter",
    "upstream": "meta-llama/llama-3.2-3b-instruct:free",
    "operation": "chat",
    "tier": "free",
    "flag": "OPENROUTER",
    "contextTokens": 131072
  },
  "or-llama-3.3-70b": {
    "provider": "openrouter",
    "upstream": "meta-llama/llama-3.3-70b-instruct:free",
    "operation": "chat",
    "tier": "free",
    "flag": "OPENROUTER",
    "contextTokens": 65536
  },
  "or-minimax-m2.5": {
    "provider": "openrouter",
    "upstream": "minimax/minimax-m2.5:free",
    "operation": "chat",
    "tier": "free",
    "flag": "OPENROUTER",
    "contextTokens": 196608
  },
  "or-nemotron-120b": {
    "provider": "openrouter",
    "upstream": "nvidia/nemotron-3-super-120b-a12b:free",
    "operation": "chat",
    "tier": "free",
    "flag": "OPENROUTER",
    "contextTokens": 262144
  },
  "or-nemotron-nano-30b": {
    "provider": "openrouter",
    "upstream": "nvidia/nemotron-3-nano-30b-a3b:free",
    "operation": "chat",
    "tier": "free",
    "flag": "OPENROUTER",
    "contextTokens": 262144
  },
  "or-nemotron-nano-9b": {
    "provider": "openrouter",
    "upstream": "nvidia/nemotron-nano-9b-v2:free",
    "operation": "chat",
    "tier": "free",
    "flag": "OPENROUTER",
    "contextTokens": 131072
  },
  "or-qwen3-80b": {
    "provider": "openrouter",
    "upstream": "qwen/qwen3-next-80b-a3b-instruct:free",
    "operation": "chat",
    "tier": "free",
    "flag": "OPENROUTER",
    "contextTokens": 262144
  },
  "or-qwen3-coder": {
    "provider": "openrouter",
    "upstream": "qwen/qwen3-coder:free",
    "operation": "chat",
    "tier": "free",
    "flag": "OPENROUTER",
    "contextTokens": 262144
  },
  "or-ring-1t": {
    "provider": "openrouter",
    "upstream": "inclusionai/ring-2.6-1t:free",
    "operation": "chat",
    "tier": "free",
    "flag": "OPENROUTER",
    "contextTokens": 262144
  },
  "ovh-gpt-oss-120b": {
    "provider": "ovh",
    "upstream": "gpt-oss-120b",
    "operation": "chat",
    "tier": "free",
    "flag": "OVH",
    "contextTokens": 131072
  },
  "ovh-gpt-oss-20b": {
    "provider": "ovh",
    "upstream": "gpt-oss-20b",
    "operation": "chat",
    "tier": "free",
    "flag": "OVH",
    "contextTokens": 131072
  },
  "ovh-llama-3.3-70b": {
    "provider": "ovh",
    "upstream": "Meta-Llama-3_3-70B-Instruct",
    "operation": "chat",
    "tier": "free",
    "flag": "OVH",
    "contextTokens": 131072
  },
  "ovh-qwen3-coder-30b": {
    "provider": "ovh",
    "upstream": "Qwen3-Coder-30B-A3B-Instruct",
    "operation": "chat",
    "tier": "free",
    "flag": "OVH",
    "contextTokens": 262144
  },
  "ovh-qwen3.5-397b": {
    "provider": "ovh",
    "upstream": "Qwen3.5-397B-A17B",
    "operation": "chat",
    "tier": "free",
    "flag": "OVH",
    "contextTokens": 262144
  },
  "pibox-zai-glm-4.5-air": {
    "provider": "pibox-zai",
    "upstream": "glm-4.5-air",
    "operation": "chat",
    "tier": "subscription",
    "flag": "PIBOX_ZAI",
    "contextTokens": 131072
  },
  "pibox-zai-glm-4.7": {
    "provider": "pibox-zai",
    "upstream": "glm-4.7",
    "operation": "chat",
    "tier": "subscription",
    "flag": "PIBOX_ZAI",
    "contextTokens": 200000
  },
  "pibox-zai-glm-5.1": {
    "provider": "pibox-zai",
    "upstream": "glm-5.1",
    "operation": "chat",
    "tier": "subscription",
    "flag": "PIBOX_ZAI",
    "contextTokens": 200000
  },
  "pollinations-gpt-oss-20b": {
    "provider": "pollinations",
    "upstream": "openai-fast",
    "operation": "chat",
    "tier": "free",
    "flag": "POLLINATIONS",
    "contextTokens": 131072
  },
  "qwen-plus": {
    "provider": "qwen",
    "upstream": "qwen-plus",
    "operation": "chat",
    "tier": "paid",
    "flag": "QWEN",
    "contextTokens": 131072
  },
  "qwen3-coder-plus": {
    "provider": "qwen",
    "upstream": "qwen3-coder-plus",
    "operation": "chat",
    "tier": "paid",
    "flag": "QWEN",
    "contextTokens": 1048576
  },
  "reka-edge": {
    "provider": "reka",
    "upstream": "reka-edge-2603",
    "operation": "chat",
    "tier": "free",
    "flag": "REKA",
    "contextTokens": 16384
  },
  "reka-flash-3": {
    "provider": "reka",
    "upstream": "reka-flash-3",
    "operation": "chat",
    "tier": "free",
    "flag": "REKA",
    "contextTokens": 32768
  },
  "sambanova-deepseek-v3.2": {
    "provider": "sambanova",
    "upstream": "DeepSeek-V3.2",
    "operation": "chat",
    "tier": "free",
    "flag": "SAMBANOVA",
    "contextTokens": 32768
  },
  "sambanova-gpt-oss-120b": {
    "provider": "sambanova",
    "upstream": "gpt-oss-120b",
    "operation": "chat",
    "tier": "free",
    "flag": "SAMBANOVA",
    "contextTokens": 131072
  },
  "sambanova-llama-3.3-70b": {
    "provider": "sambanova",
    "upstream": "Meta-Llama-3.3-70B-Instruct",
    "operation": "chat",
    "tier": "free",
    "flag": "SAMBANOVA",
    "contextTokens": 131072
  },
  "siliconflow-cosyvoice2": {
    "provider": "siliconflow",
    "upstream": "FunAudioLLM/CosyVoice2-0.5B",
    "operation": "speech",
    "tier": "free",
    "flag": "SILICONFLOW"
  },
  "siliconflow-flux-schnell": {
    "provider": "siliconflow",
    "upstream": "black-forest-labs/FLUX.1-schnell",
    "operation": "image",
    "tier": "free",
    "flag": "SILICONFLOW"
  },
  "siliconflow-qwen3-8b": {
    "provider": "siliconflow",
    "upstream": "Qwen/Qwen3-8B",
    "operation": "chat",
    "tier": "paid",
    "flag": "SILICONFLOW",
    "contextTokens": 131072
  },
  "together-llama-3-8b-lite": {
    "provider": "together",
    "upstream": "meta-llama/Meta-Llama-3-8B-Instruct-Lite",
    "operation": "chat",
    "tier": "free",
    "flag": "TOGETHER",
    "contextTokens": 8192
  },
  "together-llama-3.3-70b": {
    "provider": "together",
    "upstream": "meta-llama/Llama-3.3-70B-Instruct-Turbo",
    "operation": "chat",
    "tier": "paid",
    "flag": "TOGETHER",
    "contextTokens": 131072
  },
  "voxtral-small": {
    "provider": "mistral",
    "upstream": "voxtral-small-25-07",
    "operation": "transcription",
    "tier": "paid",
    "flag": "MISTRAL"
  },
  "xai-grok-3-mini": {
    "provider": "xai",
    "upstream": "grok-3-mini",
    "operation": "chat",
    "tier": "paid",
    "flag": "XAI",
    "contextTokens": 131072
  },
  "xai-grok-4": {
    "provider": "xai",
    "upstream": "grok-4",
    "operation": "chat",
    "tier": "paid",
    "flag": "XAI",
    "contextTokens": 256000
  },
  "zai-glm-4.5": {
    "provider": "zai",
    "upstream": "glm-4.5",
    "operation": "chat",
    "tier": "paid",
    "flag": "ZAI",
    "contextTokens": 131072
  },
  "zai-glm-4.5-flash": {
    "provider": "zai",
    "upstream": "glm-4.5-flash",
    "operation": "chat",
    "tier": "free",
    "flag": "ZAI",
    "contextTokens": 131072
  },
  "zai-glm-4.7-flash": {
    "provider": "zai",
    "upstream": "glm-4.7-flash",
    "operation": "chat",
    "tier": "free",
    "flag": "ZAI",
    "contextTokens": 200000
  },
  "zen-big-pickle": {
    "provider": "opencode-zen",
    "upstream": "big-pickle",
    "operation": "chat",
    "tier": "free",
    "flag": "OPENCODE_ZEN",
    "contextTokens": 131072
  },
  "zen-deepseek-v4-flash": {
    "provider": "opencode-zen",
    "upstream": "deepseek-v4-flash-free",
    "operation": "chat",
    "tier": "free",
    "flag": "OPENCODE_ZEN",
    "contextTokens": 131072
  },
  "zen-nemotron-3-super": {
    "provider": "opencode-zen",
    "upstream": "nemotron-3-super-free",
    "operation": "chat",
    "tier": "free",
    "flag": "OPENCODE_ZEN",
    "contextTokens": 131072
  },
  "zhipu-glm-4.5": {
    "provider": "zhipu",
    "upstream": "glm-4.5",
    "operation": "chat",
    "tier": "paid",
    "flag": "ZHIPU",
    "contextTokens": 131072
  },
  "zhipu-glm-4.5-flash": {
    "provider": "zhipu",
    "upstream": "glm-4.5-flash",
    "operation": "chat",
    "tier": "free",
    "flag": "ZHIPU",
    "contextTokens": 131072
  },
  "zhipu-glm-4.7-flash": {
    "provider": "zhipu",
    "upstream": "glm-4.7-flash",
    "operation": "chat",
    "tier": "free",
    "flag": "ZHIPU",
    "contextTokens": 200000
  }
} as const satisfies Record<ModelAlias, CatalogEntry>;

/** Alias → aliases tried after it, defaults applied. */
export const chains = {
  "agnes-1.5-flash": [
    "groq-llama-3.3-70b",
    "cerebras-qwen3-235b",
    "mistral-large",
    "nim-llama-3.3-70b",
    "or-llama-3.3-70b",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o",
    "anthropic-claude-sonnet-4",
    "local-vllm-qwen",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "agnes-2.0-flash": [
    "mistral-large",
    "groq-llama-4-scout",
    "gemini-flash-latest",
    "groq-kimi-k2",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o",
    "anthropic-claude-sonnet-4",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cpu-gemma4-e2b"
  ],
  "agnes-image-2.1-flash": [
    "hf-flux-schnell",
    "siliconflow-flux-schnell",
    "local-sdcpp-cuda-flux-schnell",
    "local-sdcpp-cuda-sdxl-lightning",
    "local-sdcpp-cpu-sdxl-turbo",
    "openai-gpt-image-1"
  ],
  "aimlapi-gpt-4o-mini": [
    "mistral-small",
    "groq-llama-4-scout",
    "gemini-flash-latest",
    "hf-llama-4-scout",
    "claudebox-sonnet",
    "openai-gpt-4o-mini",
    "anthropic-claude-haiku-4",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cpu-gemma4-e2b"
  ],
  "anthropic-claude-haiku-4": [
    "mistral-small",
    "groq-llama-4-scout",
    "ministral-8b",
    "cerebras-gpt-oss-120b",
    "hf-llama-4-scout",
    "claudebox-haiku",
    "pibox-zai-glm-4.5-air",
    "openai-gpt-4o-mini",
    "anthropic-claude-sonnet-4",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cuda-gemma4-e2b",
    "local-ollama-cpu-gemma4-e2b",
    "local-ollama-cpu-gemma3-4b"
  ],
  "anthropic-claude-opus-4": [
    "mistral-large",
    "cerebras-glm-4.7",
    "groq-kimi-k2",
    "or-minimax-m2.5",
    "groq-llama-4-scout",
    "claudebox-opus",
    "pibox-zai-glm-5.1",
    "openai-o3",
    "anthropic-claude-sonnet-4",
    "openai-gpt-4o",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cuda-gemma4-e2b",
    "local-ollama-cpu-gemma4-e2b",
    "local-ollama-cpu-gemma3-4b"
  ],
  "anthropic-claude-sonnet-4": [
    "mistral-large",
    "groq-kimi-k2",
    "cerebras-glm-4.7",
    "or-minimax-m2.5",
    "groq-llama-4-scout",
    "claudebox-sonnet",
    "pibox-zai-glm-5.1",
    "openai-gpt-4o",
    "anthropic-claude-opus-4",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cuda-gemma4-e2b",
    "local-ollama-cpu-gemma4-e2b",
    "local-ollama-cpu-gemma3-4b"
  ],
  "bluesmind-llama-3.1-8b": [
    "groq-llama-3.1-8b",
    "cerebras-llama-3.1-8b",
    "ministral-8b",
    "nim-llama-3.1-8b",
    "or-gpt-oss-20b",
    "claudebox-haiku",
    "pibox-zai-glm-4.5-air",
    "openai-gpt-4o-mini",
    "anthropic-claude-haiku-4",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "cerebras-glm-4.7": [
    "groq-kimi-k2",
    "or-minimax-m2.5",
    "groq-gpt-oss-120b",
    "or-nemotron-120b",
    "mistral-large",
    "cerebras-gpt-oss-120b",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "pibox-zai-glm-5.1",
    "anthropic-claude-sonnet-4",
    "openai-o3",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "cerebras-gpt-oss-120b": [
    "groq-gpt-oss-120b",
    "or-gpt-oss-120b",
    "or-nemotron-120b",
    "groq-qwen3-32b",
    "hf-deepseek-r1",
    "cerebras-glm-4.7",
    "claudebox-sonnet",
    "pibox-zai-glm-5.1",
    "magistral-medium",
    "openai-o3",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "cerebras-llama-3.1-8b": [
    "groq-llama-3.1-8b",
    "ministral-8b",
    "cohere-command-r7b",
    "hf-llama-3.1-8b",
    "or-gpt-oss-20b",
    "claudebox-haiku",
    "pibox-zai-glm-4.5-air",
    "openai-gpt-4o-mini",
    "anthropic-claude-haiku-4",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cuda-qwen3-4b",
    "local-ollama-cuda-llama3.2-3b",
    "local-ollama-cpu-qwen3-4b",
    "local-ollama-cpu-llama3.2-3b"
  ],
  "cerebras-qwen3-235b": [
    "mistral-large",
    "groq-kimi-k2",
    "or-qwen3-80b",
    "cohere-command-a",
    "groq-llama-3.3-70b",
    "or-hermes-3-405b",
    "hf-llama-3.3-70b",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o",
    "anthropic-claude-sonnet-4",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "cf-glm-4.7-flash": [
    "cerebras-gpt-oss-120b",
    "groq-gpt-oss-120b",
    "cerebras-glm-4.7",
    "nim-deepseek-v4-pro",
    "or-nemotron-120b",
    "hf-deepseek-r1",
    "claudebox-opus",
    "pibox-zai-glm-5.1",
    "deepseek-reasoner",
    "openai-o3",
    "local-vllm-qwen",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "cf-gpt-oss-120b": [
    "groq-llama-3.1-8b",
    "cerebras-llama-3.1-8b",
    "ministral-8b",
    "nim-llama-3.1-8b",
    "or-gpt-oss-20b",
    "claudebox-haiku",
    "pibox-zai-glm-4.5-air",
    "openai-gpt-4o-mini",
    "anthropic-claude-haiku-4",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "cf-granite-4-micro": [
    "groq-llama-3.1-8b",
    "cerebras-llama-3.1-8b",
    "ministral-8b",
    "nim-llama-3.1-8b",
    "or-gpt-oss-20b",
    "claudebox-haiku",
    "pibox-zai-glm-4.5-air",
    "openai-gpt-4o-mini",
    "anthropic-claude-haiku-4",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "cf-kimi-k2.6": [
    "cerebras-gpt-oss-120b",
    "groq-gpt-oss-120b",
    "cerebras-glm-4.7",
    "nim-deepseek-v4-pro",
    "or-nemotron-120b",
    "hf-deepseek-r1",
    "claudebox-opus",
    "pibox-zai-glm-5.1",
    "deepseek-reasoner",
    "openai-o3",
    "local-vllm-qwen",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "cf-llama-3.3-70b": [
    "groq-llama-3.3-70b",
    "cerebras-qwen3-235b",
    "mistral-large",
    "nim-llama-3.3-70b",
    "or-llama-3.3-70b",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o",
    "anthropic-claude-sonnet-4",
    "local-vllm-qwen",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "chutes-deepseek-v3.1": [
    "groq-llama-3.3-70b",
    "cerebras-qwen3-235b",
    "mistral-large",
    "nim-llama-3.3-70b",
    "or-llama-3.3-70b",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o",
    "anthropic-claude-sonnet-4",
    "local-vllm-qwen",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "chutes-kimi-k2": [
    "groq-llama-3.3-70b",
    "cerebras-qwen3-235b",
    "mistral-large",
    "nim-llama-3.3-70b",
    "or-llama-3.3-70b",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o",
    "anthropic-claude-sonnet-4",
    "local-vllm-qwen",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "claudebox-haiku": [
    "pibox-zai-glm-4.5-air",
    "claudebox-sonnet",
    "anthropic-claude-haiku-4",
    "openai-gpt-4o-mini",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cuda-gemma4-e2b",
    "local-ollama-cpu-gemma4-e2b",
    "local-ollama-cpu-gemma3-4b"
  ],
  "claudebox-opus": [
    "pibox-zai-glm-5.1",
    "claudebox-sonnet",
    "anthropic-claude-opus-4",
    "openai-o3",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cuda-gemma4-e2b",
    "local-ollama-cpu-gemma4-e2b",
    "local-ollama-cpu-gemma3-4b"
  ],
  "claudebox-sonnet": [
    "pibox-zai-glm-5.1",
    "pibox-zai-glm-4.7",
    "claudebox-opus",
    "anthropic-claude-sonnet-4",
    "openai-gpt-4o",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cuda-gemma4-e2b",
    "local-ollama-cpu-gemma4-e2b",
    "local-ollama-cpu-gemma3-4b"
  ],
  "codestral": [
    "or-qwen3-coder",
    "groq-kimi-k2",
    "cerebras-qwen3-235b",
    "cerebras-glm-4.7",
    "mistral-small",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "devstral",
    "openai-gpt-4o",
    "local-ollama-cuda-qwen2.5-coder-7b",
    "local-ollama-cuda-deepseek-coder-v2-16b",
    "local-ollama-cpu-qwen2.5-coder-3b"
  ],
  "cohere-aya-32b": [
    "mistral-small",
    "cerebras-qwen3-235b",
    "or-qwen3-80b",
    "hf-gemma-3-12b",
    "cohere-command-a",
    "cohere-command-r",
    "claudebox-sonnet",
    "openai-gpt-4o",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-gemma4-e2b"
  ],
  "cohere-command-a": [
    "mistral-large",
    "cerebras-qwen3-235b",
    "groq-kimi-k2",
    "or-qwen3-80b",
    "groq-llama-3.3-70b",
    "cohere-command-r-plus",
    "claudebox-sonnet",
    "pibox-zai-glm-5.1",
    "openai-gpt-4o",
    "anthropic-claude-sonnet-4",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-gemma4-e2b"
  ],
  "cohere-command-r": [
    "mistral-small",
    "groq-llama-3.3-70b",
    "cerebras-qwen3-235b",
    "or-llama-3.3-70b",
    "hf-llama-3.3-70b",
    "cohere-command-r-plus",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o-mini",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-gemma4-e2b"
  ],
  "cohere-command-r-plus": [
    "mistral-large",
    "cerebras-qwen3-235b",
    "groq-llama-3.3-70b",
    "or-llama-3.3-70b",
    "hf-llama-3.3-70b",
    "cohere-command-a",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-gemma4-e2b"
  ],
  "cohere-command-r7b": [
    "ministral-8b",
    "groq-llama-3.1-8b",
    "cerebras-llama-3.1-8b",
    "hf-llama-3.1-8b",
    "or-gpt-oss-20b",
    "cohere-command-r",
    "claudebox-haiku",
    "pibox-zai-glm-4.5-air",
    "openai-gpt-4o-mini",
    "anthropic-claude-haiku-4",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cuda-qwen3-4b",
    "local-ollama-cuda-llama3.2-3b",
    "local-ollama-cpu-qwen3-4b",
    "local-ollama-cpu-llama3.2-3b"
  ],
  "cohere-embed": [],
  "cohere-rerank": [],
  "deepinfra-kimi-k2": [
    "groq-llama-3.3-70b",
    "cerebras-qwen3-235b",
    "mistral-large",
    "nim-llama-3.3-70b",
    "or-llama-3.3-70b",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o",
    "anthropic-claude-sonnet-4",
    "local-vllm-qwen",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "deepinfra-llama-3.1-8b": [
    "groq-llama-3.1-8b",
    "cerebras-llama-3.1-8b",
    "ministral-8b",
    "nim-llama-3.1-8b",
    "or-gpt-oss-20b",
    "claudebox-haiku",
    "pibox-zai-glm-4.5-air",
    "openai-gpt-4o-mini",
    "anthropic-claude-haiku-4",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "deepseek-chat": [
    "groq-llama-3.3-70b",
    "cerebras-qwen3-235b",
    "mistral-large",
    "nim-llama-3.3-70b",
    "or-llama-3.3-70b",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o",
    "anthropic-claude-sonnet-4",
    "local-vllm-qwen",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "deepseek-reasoner": [
    "cerebras-gpt-oss-120b",
    "groq-gpt-oss-120b",
    "cerebras-glm-4.7",
    "nim-deepseek-v4-pro",
    "or-nemotron-120b",
    "hf-deepseek-r1",
    "claudebox-opus",
    "pibox-zai-glm-5.1",
    "openai-o3",
    "local-vllm-qwen",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "demo": [],
  "devstral": [
    "or-qwen3-coder",
    "cerebras-glm-4.7",
    "groq-kimi-k2",
    "or-minimax-m2.5",
    "cerebras-qwen3-235b",
    "mistral-large",
    "claudebox-sonnet",
    "pibox-zai-glm-5.1",
    "codestral",
    "anthropic-claude-sonnet-4",
    "local-ollama-cuda-qwen2.5-coder-7b",
    "local-ollama-cuda-deepseek-coder-v2-16b",
    "local-ollama-cpu-qwen2.5-coder-3b"
  ],
  "fireworks-gpt-oss-120b": [
    "groq-llama-3.1-8b",
    "cerebras-llama-3.1-8b",
    "ministral-8b",
    "nim-llama-3.1-8b",
    "or-gpt-oss-20b",
    "claudebox-haiku",
    "pibox-zai-glm-4.5-air",
    "openai-gpt-4o-mini",
    "anthropic-claude-haiku-4",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "fireworks-kimi-k2.5": [
    "cerebras-gpt-oss-120b",
    "groq-gpt-oss-120b",
    "cerebras-glm-4.7",
    "nim-deepseek-v4-pro",
    "or-nemotron-120b",
    "hf-deepseek-r1",
    "claudebox-opus",
    "pibox-zai-glm-5.1",
    "deepseek-reasoner",
    "openai-o3",
    "local-vllm-qwen",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "gemini-2.0-flash": [
    "mistral-small",
    "groq-llama-4-scout",
    "gemini-flash-latest",
    "hf-llama-4-scout",
    "claudebox-sonnet",
    "openai-gpt-4o-mini",
    "anthropic-claude-haiku-4",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cpu-gemma4-e2b"
  ],
  "gemini-2.5-flash": [
    "mistral-small",
    "groq-llama-4-scout",
    "gemini-flash-latest",
    "hf-llama-4-scout",
    "claudebox-sonnet",
    "openai-gpt-4o-mini",
    "anthropic-claude-haiku-4",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cpu-gemma4-e2b"
  ],
  "gemini-2.5-flash-lite": [
    "mistral-small",
    "groq-llama-4-scout",
    "gemini-flash-latest",
    "hf-llama-4-scout",
    "claudebox-sonnet",
    "openai-gpt-4o-mini",
    "anthropic-claude-haiku-4",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cpu-gemma4-e2b"
  ],
  "gemini-3.5-flash": [
    "mistral-small",
    "groq-llama-4-scout",
    "gemini-flash-latest",
    "hf-llama-4-scout",
    "claudebox-sonnet",
    "openai-gpt-4o-mini",
    "anthropic-claude-haiku-4",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cpu-gemma4-e2b"
  ],
  "gemini-embedding": [],
  "gemini-flash-latest": [
    "mistral-small",
    "groq-llama-4-scout",
    "hf-llama-4-scout",
    "claudebox-sonnet",
    "openai-gpt-4o-mini",
    "anthropic-claude-haiku-4",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cpu-gemma4-e2b"
  ],
  "github-gpt-4.1": [],
  "github-gpt-4o": [],
  "github-gpt-4o-mini": [],
  "groq-compound": [
    "groq-compound-mini",
    "cerebras-gpt-oss-120b",
    "mistral-large",
    "or-gpt-oss-120b",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "groq-compound-mini": [
    "groq-compound",
    "cerebras-gpt-oss-120b",
    "mistral-small",
    "or-gpt-oss-20b",
    "claudebox-haiku",
    "pibox-zai-glm-4.5-air",
    "openai-gpt-4o-mini",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cuda-qwen3-4b",
    "local-ollama-cuda-llama3.2-3b",
    "local-ollama-cpu-qwen3-4b",
    "local-ollama-cpu-llama3.2-3b"
  ],
  "groq-gpt-oss-120b": [
    "cerebras-gpt-oss-120b",
    "or-gpt-oss-120b",
    "or-nemotron-120b",
    "cerebras-glm-4.7",
    "hf-deepseek-r1",
    "groq-qwen3-32b",
    "claudebox-sonnet",
    "pibox-zai-glm-5.1",
    "magistral-medium",
    "openai-o3",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "groq-gpt-oss-20b": [
    "cerebras-gpt-oss-120b",
    "or-gpt-oss-20b",
    "hf-qwen3-8b",
    "ministral-8b",
    "groq-qwen3-32b",
    "claudebox-haiku",
    "pibox-zai-glm-4.5-air",
    "magistral-small",
    "openai-o3-mini",
    "openai-gpt-4o-mini",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "groq-kimi-k2": [
    "cerebras-glm-4.7",
    "mistral-large",
    "or-minimax-m2.5",
    "cerebras-qwen3-235b",
    "cohere-command-a",
    "or-qwen3-80b",
    "groq-gpt-oss-120b",
    "claudebox-sonnet",
    "pibox-zai-glm-5.1",
    "anthropic-claude-sonnet-4",
    "openai-gpt-4o",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "groq-llama-3.1-8b": [
    "cerebras-llama-3.1-8b",
    "ministral-8b",
    "cohere-command-r7b",
    "hf-llama-3.1-8b",
    "or-gpt-oss-20b",
    "groq-gpt-oss-20b",
    "claudebox-haiku",
    "pibox-zai-glm-4.5-air",
    "openai-gpt-4o-mini",
    "anthropic-claude-haiku-4",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cuda-qwen3-4b",
    "local-ollama-cuda-llama3.2-3b",
    "local-ollama-cpu-qwen3-4b",
    "local-ollama-cpu-llama3.2-3b"
  ],
  "groq-llama-3.3-70b": [
    "cerebras-qwen3-235b",
    "mistral-small",
    "cohere-command-r",
    "or-llama-3.3-70b",
    "hf-llama-3.3-70b",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "groq-llama-4-scout": [
    "mistral-small",
    "hf-llama-4-scout",
    "hf-qwen-vl-72b",
    "mistral-large",
    "hf-gemma-3-12b",
    "claudebox-sonnet",
    "openai-gpt-4o",
    "anthropic-claude-sonnet-4",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cuda-gemma4-e2b",
    "local-ollama-cpu-gemma4-e2b",
    "local-ollama-cpu-gemma3-4b"
  ],
  "groq-qwen3-32b": [
    "cerebras-gpt-oss-120b",
    "hf-qwq-32b",
    "or-gpt-oss-20b",
    "cerebras-glm-4.7",
    "mistral-small",
    "groq-gpt-oss-120b",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "magistral-small",
    "openai-o3-mini",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "groq-whisper-large-v3": [
    "groq-whisper-large-v3-turbo",
    "local-talkies-cuda-whisper-large-v3",
    "local-talkies-cuda-whisper-large-v3-turbo",
    "local-talkies-whisper-large-v3",
    "openai-gpt-4o-transcribe",
    "openai-whisper",
    "voxtral-small"
  ],
  "groq-whisper-large-v3-turbo": [
    "groq-whisper-large-v3",
    "local-talkies-cuda-whisper-large-v3-turbo",
    "local-talkies-cuda-whisper-large-v3",
    "local-talkies-whisper-large-v3-turbo",
    "openai-gpt-4o-mini-transcribe",
    "openai-whisper",
    "voxtral-small"
  ],
  "hf-deepseek-r1": [
    "cerebras-gpt-oss-120b",
    "groq-gpt-oss-120b",
    "cerebras-glm-4.7",
    "or-nemotron-120b",
    "or-gpt-oss-120b",
    "hf-qwq-32b",
    "claudebox-opus",
    "pibox-zai-glm-5.1",
    "magistral-medium",
    "openai-o3",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "hf-flux-schnell": [
    "local-sdcpp-cuda-flux-schnell",
    "local-sdcpp-cuda-sdxl-lightning",
    "local-sdcpp-cpu-sdxl-turbo",
    "openai-gpt-image-1",
    "openai-dall-e-3"
  ],
  "hf-gemma-3-12b": [
    "ministral-8b",
    "mistral-small",
    "groq-llama-4-scout",
    "hf-qwen3-vl-8b",
    "hf-llama-4-scout",
    "claudebox-haiku",
    "openai-gpt-4o-mini",
    "anthropic-claude-haiku-4",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cuda-gemma4-e2b",
    "local-ollama-cpu-gemma4-e2b",
    "local-ollama-cpu-gemma3-4b"
  ],
  "hf-llama-3.1-8b": [
    "groq-llama-3.1-8b",
    "cerebras-llama-3.1-8b",
    "ministral-8b",
    "cohere-command-r7b",
    "or-gpt-oss-20b",
    "hf-qwen3-8b",
    "claudebox-haiku",
    "pibox-zai-glm-4.5-air",
    "openai-gpt-4o-mini",
    "anthropic-claude-haiku-4",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cuda-qwen3-4b",
    "local-ollama-cuda-llama3.2-3b",
    "local-ollama-cpu-qwen3-4b",
    "local-ollama-cpu-llama3.2-3b"
  ],
  "hf-llama-3.3-70b": [
    "groq-llama-3.3-70b",
    "cerebras-qwen3-235b",
    "mistral-small",
    "cohere-command-r",
    "or-llama-3.3-70b",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "hf-llama-4-scout": [
    "groq-llama-4-scout",
    "mistral-small",
    "mistral-large",
    "hf-qwen-vl-72b",
    "hf-gemma-3-12b",
    "claudebox-sonnet",
    "openai-gpt-4o",
    "anthropic-claude-sonnet-4",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cuda-gemma4-e2b",
    "local-ollama-cpu-gemma4-e2b",
    "local-ollama-cpu-gemma3-4b"
  ],
  "hf-qwen-vl-72b": [
    "groq-llama-4-scout",
    "mistral-large",
    "mistral-small",
    "hf-llama-4-scout",
    "hf-gemma-3-12b",
    "claudebox-sonnet",
    "openai-gpt-4o",
    "anthropic-claude-sonnet-4",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cuda-gemma4-e2b",
    "local-ollama-cpu-gemma4-e2b",
    "local-ollama-cpu-gemma3-4b"
  ],
  "hf-qwen3-8b": [
    "groq-gpt-oss-20b",
    "groq-qwen3-32b",
    "or-gpt-oss-20b",
    "ministral-8b",
    "groq-llama-3.1-8b",
    "cerebras-llama-3.1-8b",
    "claudebox-haiku",
    "pibox-zai-glm-4.5-air",
    "magistral-small",
    "openai-o3-mini",
    "openai-gpt-4o-mini",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cuda-qwen3-4b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "hf-qwen3-vl-8b": [
    "ministral-8b",
    "groq-llama-4-scout",
    "mistral-small",
    "hf-gemma-3-12b",
    "hf-llama-4-scout",
    "claudebox-haiku",
    "openai-gpt-4o-mini",
    "anthropic-claude-haiku-4",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cuda-gemma4-e2b",
    "local-ollama-cpu-gemma4-e2b",
    "local-ollama-cpu-gemma3-4b"
  ],
  "hf-qwq-32b": [
    "groq-qwen3-32b",
    "cerebras-gpt-oss-120b",
    "or-gpt-oss-20b",
    "mistral-small",
    "hf-deepseek-r1",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "magistral-small",
    "openai-o3-mini",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "hypereal-gpt-5.5-instant": [
    "mistral-large",
    "groq-llama-4-scout",
    "gemini-flash-latest",
    "groq-kimi-k2",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o",
    "anthropic-claude-sonnet-4",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cpu-gemma4-e2b"
  ],
  "inception-mercury": [
    "groq-llama-3.3-70b",
    "cerebras-qwen3-235b",
    "mistral-large",
    "nim-llama-3.3-70b",
    "or-llama-3.3-70b",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o",
    "anthropic-claude-sonnet-4",
    "local-vllm-qwen",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "inception-mercury-coder": [
    "cerebras-glm-4.7",
    "groq-kimi-k2",
    "or-qwen3-coder",
    "mistral-large",
    "claudebox-sonnet",
    "pibox-zai-glm-5.1",
    "devstral",
    "codestral",
    "anthropic-claude-sonnet-4",
    "local-ollama-cuda-qwen2.5-coder-7b",
    "local-ollama-cuda-deepseek-coder-v2-16b",
    "local-ollama-cpu-qwen2.5-coder-3b"
  ],
  "kilo-laguna-m.1": [
    "cerebras-glm-4.7",
    "groq-kimi-k2",
    "or-qwen3-coder",
    "mistral-large",
    "claudebox-sonnet",
    "pibox-zai-glm-5.1",
    "devstral",
    "codestral",
    "anthropic-claude-sonnet-4",
    "local-ollama-cuda-qwen2.5-coder-7b",
    "local-ollama-cuda-deepseek-coder-v2-16b",
    "local-ollama-cpu-qwen2.5-coder-3b"
  ],
  "kilo-nemotron-3-super": [
    "cerebras-gpt-oss-120b",
    "groq-gpt-oss-120b",
    "cerebras-glm-4.7",
    "nim-deepseek-v4-pro",
    "or-nemotron-120b",
    "hf-deepseek-r1",
    "claudebox-opus",
    "pibox-zai-glm-5.1",
    "deepseek-reasoner",
    "openai-o3",
    "local-vllm-qwen",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "kilo-step-3.7-flash": [
    "groq-llama-3.3-70b",
    "cerebras-qwen3-235b",
    "mistral-large",
    "nim-llama-3.3-70b",
    "or-llama-3.3-70b",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o",
    "anthropic-claude-sonnet-4",
    "local-vllm-qwen",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "llm7-codestral": [
    "cerebras-glm-4.7",
    "groq-kimi-k2",
    "or-qwen3-coder",
    "mistral-large",
    "claudebox-sonnet",
    "pibox-zai-glm-5.1",
    "devstral",
    "codestral",
    "anthropic-claude-sonnet-4",
    "local-ollama-cuda-qwen2.5-coder-7b",
    "local-ollama-cuda-deepseek-coder-v2-16b",
    "local-ollama-cpu-qwen2.5-coder-3b"
  ],
  "llm7-gpt-4o-mini": [
    "groq-llama-3.3-70b",
    "cerebras-qwen3-235b",
    "mistral-large",
    "nim-llama-3.3-70b",
    "or-llama-3.3-70b",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o",
    "anthropic-claude-sonnet-4",
    "local-vllm-qwen",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "llm7-gpt-oss-20b": [
    "groq-llama-3.1-8b",
    "cerebras-llama-3.1-8b",
    "ministral-8b",
    "nim-llama-3.1-8b",
    "or-gpt-oss-20b",
    "claudebox-haiku",
    "pibox-zai-glm-4.5-air",
    "openai-gpt-4o-mini",
    "anthropic-claude-haiku-4",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "llm7-llama-3.1-8b": [
    "groq-llama-3.1-8b",
    "cerebras-llama-3.1-8b",
    "ministral-8b",
    "nim-llama-3.1-8b",
    "or-gpt-oss-20b",
    "claudebox-haiku",
    "pibox-zai-glm-4.5-air",
    "openai-gpt-4o-mini",
    "anthropic-claude-haiku-4",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "local-espeak": [],
  "local-ollama-cpu-bge-m3": ["local-ollama-cuda-bge-m3"],
  "local-ollama-cpu-dolphin-phi": [
    "local-ollama-cuda-dolphin-phi",
    "local-ollama-cuda-qwen3-abliterated-16b",
    "local-ollama-cpu-llama3.2-3b"
  ],
  "local-ollama-cpu-gemma3-4b": [
    "local-ollama-cuda-gemma3-4b",
    "local-ollama-cpu-gemma4-e2b",
    "local-ollama-cpu-llama3.2-3b"
  ],
  "local-ollama-cpu-gemma4-e2b": [
    "local-ollama-cuda-gemma4-e2b",
    "local-ollama-cpu-gemma3-4b",
    "local-ollama-cpu-qwen3-4b",
    "local-ollama-cpu-llama3.2-3b"
  ],
  "local-ollama-cpu-llama3.2-3b": [
    "local-ollama-cuda-llama3.2-3b",
    "local-ollama-cpu-qwen3-4b",
    "local-ollama-cpu-phi4-mini",
    "local-ollama-cpu-smollm2-1.7b"
  ],
  "local-ollama-cpu-nuextract-v1.5": [
    "local-ollama-cuda-nuextract-v1.5",
    "local-ollama-cpu-qwen3-4b",
    "local-ollama-cpu-llama3.2-3b"
  ],
  "local-ollama-cpu-phi4-mini": [
    "local-ollama-cuda-phi4-mini",
    "local-ollama-cpu-qwen3-4b",
    "local-ollama-cpu-llama3.2-3b",
    "local-ollama-cpu-smollm2-1.7b"
  ],
  "local-ollama-cpu-qwen2.5-coder-1.5b": [
    "local-ollama-cuda-qwen2.5-coder-1.5b",
    "local-ollama-cpu-qwen2.5-coder-3b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "local-ollama-cpu-qwen2.5-coder-3b": [
    "local-ollama-cuda-qwen2.5-coder-3b",
    "local-ollama-cpu-qwen2.5-coder-1.5b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "local-ollama-cpu-qwen3-4b": [
    "local-ollama-cuda-qwen3-4b",
    "local-ollama-cpu-phi4-mini",
    "local-ollama-cpu-llama3.2-3b",
    "local-ollama-cpu-gemma4-e2b"
  ],
  "local-ollama-cpu-qwen3-embed-0.6b": ["local-ollama-cuda-qwen3-embed-0.6b"],
  "local-ollama-cpu-smollm2-1.7b": [
    "local-ollama-cuda-smollm2-1.7b",
    "local-ollama-cpu-llama3.2-3b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "local-ollama-cuda-bge-m3": ["local-ollama-cpu-bge-m3"],
  "local-ollama-cuda-deepseek-coder-v2-16b": [
    "local-ollama-cuda-qwen2.5-coder-7b",
    "local-ollama-cuda-qwen2.5-coder-3b",
    "local-ollama-cpu-qwen2.5-coder-3b"
  ],
  "local-ollama-cuda-deepseek-r1-8b": [
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cuda-qwen3-4b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "local-ollama-cuda-dolphin-phi": [
    "local-ollama-cpu-dolphin-phi",
    "local-ollama-cuda-qwen3-abliterated-16b",
    "local-ollama-cuda-llama3.2-3b"
  ],
  "local-ollama-cuda-gemma3-4b": [
    "local-ollama-cpu-gemma3-4b",
    "local-ollama-cuda-gemma4-e2b",
    "local-ollama-cpu-gemma4-e2b"
  ],
  "local-ollama-cuda-gemma4-abliterated-e4b": [
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cuda-gemma4-e2b",
    "local-ollama-cuda-qwen3-abliterated-16b",
    "local-ollama-cpu-gemma4-e2b"
  ],
  "local-ollama-cuda-gemma4-e2b": [
    "local-ollama-cpu-gemma4-e2b",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cuda-gemma3-4b",
    "local-ollama-cpu-gemma3-4b"
  ],
  "local-ollama-cuda-gemma4-e4b": [
    "local-ollama-cuda-gemma4-e2b",
    "local-ollama-cuda-gemma3-4b",
    "local-ollama-cpu-gemma4-e2b",
    "local-ollama-cpu-gemma3-4b"
  ],
  "local-ollama-cuda-llama3.1-8b": [
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cuda-llama3.2-3b",
    "local-ollama-cpu-llama3.2-3b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "local-ollama-cuda-llama3.2-3b": [
    "local-ollama-cpu-llama3.2-3b",
    "local-ollama-cuda-qwen3-4b",
    "local-ollama-cuda-phi4-mini",
    "local-ollama-cpu-qwen3-4b"
  ],
  "local-ollama-cuda-nuextract-v1.5": [
    "local-ollama-cpu-nuextract-v1.5",
    "local-ollama-cuda-qwen3-4b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "local-ollama-cuda-phi4-mini": [
    "local-ollama-cpu-phi4-mini",
    "local-ollama-cuda-qwen3-4b",
    "local-ollama-cuda-llama3.2-3b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "local-ollama-cuda-qwen2.5-coder-1.5b": [
    "local-ollama-cpu-qwen2.5-coder-1.5b",
    "local-ollama-cuda-qwen2.5-coder-3b",
    "local-ollama-cpu-qwen2.5-coder-3b"
  ],
  "local-ollama-cuda-qwen2.5-coder-3b": [
    "local-ollama-cpu-qwen2.5-coder-3b",
    "local-ollama-cuda-qwen2.5-coder-7b",
    "local-ollama-cuda-qwen2.5-coder-1.5b",
    "local-ollama-cpu-qwen2.5-coder-1.5b"
  ],
  "local-ollama-cuda-qwen2.5-coder-7b": [
    "local-ollama-cuda-deepseek-coder-v2-16b",
    "local-ollama-cuda-qwen2.5-coder-3b",
    "local-ollama-cpu-qwen2.5-coder-3b"
  ],
  "local-ollama-cuda-qwen3-4b": [
    "local-ollama-cpu-qwen3-4b",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cuda-phi4-mini",
    "local-ollama-cpu-phi4-mini"
  ],
  "local-ollama-cuda-qwen3-8b": [
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cuda-qwen3-4b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "local-ollama-cuda-qwen3-abliterated-16b": [
    "local-ollama-cuda-gemma4-abliterated-e4b",
    "local-ollama-cuda-dolphin-phi",
    "local-ollama-cpu-dolphin-phi"
  ],
  "local-ollama-cuda-qwen3-embed-0.6b": ["local-ollama-cpu-qwen3-embed-0.6b"],
  "local-ollama-cuda-smollm2-1.7b": [
    "local-ollama-cpu-smollm2-1.7b",
    "local-ollama-cuda-llama3.2-3b",
    "local-ollama-cpu-llama3.2-3b"
  ],
  "local-sdcpp-cpu-sd-turbo": ["local-sdcpp-cuda-sd-turbo", "local-sdcpp-cpu-sdxl-turbo"],
  "local-sdcpp-cpu-sdxl-turbo": [
    "local-sdcpp-cuda-sdxl-turbo",
    "local-sdcpp-cuda-sdxl-lightning",
    "local-sdcpp-cpu-sd-turbo"
  ],
  "local-sdcpp-cuda-flux-schnell": [
    "local-sdcpp-cuda-juggernaut-xi",
    "local-sdcpp-cuda-sdxl-lightning",
    "local-sdcpp-cpu-sdxl-turbo"
  ],
  "local-sdcpp-cuda-juggernaut-xi": [
    "local-sdcpp-cuda-sdxl-lightning",
    "local-sdcpp-cuda-flux-schnell",
    "local-sdcpp-cpu-sdxl-turbo"
  ],
  "local-sdcpp-cuda-sd-turbo": [
    "local-sdcpp-cuda-sdxl-turbo",
    "local-sdcpp-cpu-sd-turbo",
    "local-sdcpp-cpu-sdxl-turbo"
  ],
  "local-sdcpp-cuda-sdxl-lightning": [
    "local-sdcpp-cuda-sdxl-turbo",
    "local-sdcpp-cuda-flux-schnell",
    "local-sdcpp-cpu-sdxl-turbo"
  ],
  "local-sdcpp-cuda-sdxl-turbo": [
    "local-sdcpp-cuda-sdxl-lightning",
    "local-sdcpp-cuda-sd-turbo",
    "local-sdcpp-cpu-sdxl-turbo"
  ],
  "local-talkies-canary-180m-flash": [
    "local-talkies-cuda-canary-180m-flash",
    "local-talkies-cuda-canary-1b-flash",
    "local-talkies-whisper-large-v3-turbo"
  ],
  "local-talkies-cuda-canary-180m-flash": [
    "local-talkies-cuda-canary-1b-flash",
    "local-talkies-cuda-parakeet-tdt-0.6b-v3",
    "local-talkies-canary-180m-flash",
    "local-talkies-whisper-large-v3-turbo"
  ],
  "local-talkies-cuda-canary-1b-flash": [
    "local-talkies-cuda-whisper-large-v3",
    "local-talkies-cuda-whisper-large-v3-turbo",
    "local-talkies-whisper-large-v3"
  ],
  "local-talkies-cuda-canary-qwen-2.5b": [
    "local-talkies-cuda-canary-1b-flash",
    "local-talkies-cuda-whisper-large-v3",
    "local-talkies-cuda-whisper-large-v3-turbo",
    "local-talkies-whisper-large-v3"
  ],
  "local-talkies-cuda-kokoro-tts": ["local-talkies-kokoro-tts", "local-talkies-cuda-qwen3-tts"],
  "local-talkies-cuda-parakeet-tdt-0.6b-v3": [
    "local-talkies-cuda-whisper-large-v3-turbo",
    "local-talkies-cuda-whisper-large-v3",
    "local-talkies-whisper-large-v3-turbo"
  ],
  "local-talkies-cuda-qwen3-tts": ["local-talkies-cuda-kokoro-tts", "local-talkies-kokoro-tts"],
  "local-talkies-cuda-whisper-large-v3": [
    "local-talkies-cuda-whisper-large-v3-turbo",
    "local-talkies-whisper-large-v3",
    "local-talkies-whisper-large-v3-turbo"
  ],
  "local-talkies-cuda-whisper-large-v3-turbo": [
    "local-talkies-cuda-whisper-large-v3",
    "local-talkies-whisper-large-v3-turbo",
    "local-talkies-whisper-large-v3"
  ],
  "local-talkies-kokoro-tts": ["local-talkies-cuda-kokoro-tts", "local-talkies-cuda-qwen3-tts"],
  "local-talkies-whisper-large-v3": [
    "local-talkies-cuda-whisper-large-v3",
    "local-talkies-cuda-whisper-large-v3-turbo",
    "local-talkies-whisper-large-v3-turbo"
  ],
  "local-talkies-whisper-large-v3-turbo": [
    "local-talkies-cuda-whisper-large-v3-turbo",
    "local-talkies-cuda-whisper-large-v3",
    "local-talkies-whisper-large-v3"
  ],
  "local-vllm-qwen": [
    "cerebras-gpt-oss-120b",
    "groq-gpt-oss-120b",
    "cerebras-glm-4.7",
    "nim-deepseek-v4-pro",
    "or-nemotron-120b",
    "hf-deepseek-r1",
    "claudebox-opus",
    "pibox-zai-glm-5.1",
    "deepseek-reasoner",
    "openai-o3",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "magistral-medium": [
    "cerebras-gpt-oss-120b",
    "groq-gpt-oss-120b",
    "or-nemotron-120b",
    "hf-deepseek-r1",
    "cerebras-glm-4.7",
    "claudebox-opus",
    "pibox-zai-glm-5.1",
    "openai-o3",
    "magistral-small",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "magistral-small": [
    "groq-qwen3-32b",
    "groq-gpt-oss-20b",
    "cerebras-gpt-oss-120b",
    "or-gpt-oss-20b",
    "hf-qwq-32b",
    "mistral-small",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-o3-mini",
    "magistral-medium",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "minimax-m2.5": [
    "cerebras-gpt-oss-120b",
    "groq-gpt-oss-120b",
    "cerebras-glm-4.7",
    "nim-deepseek-v4-pro",
    "or-nemotron-120b",
    "hf-deepseek-r1",
    "claudebox-opus",
    "pibox-zai-glm-5.1",
    "deepseek-reasoner",
    "openai-o3",
    "local-vllm-qwen",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "minimax-m2.7": [
    "cerebras-gpt-oss-120b",
    "groq-gpt-oss-120b",
    "cerebras-glm-4.7",
    "nim-deepseek-v4-pro",
    "or-nemotron-120b",
    "hf-deepseek-r1",
    "claudebox-opus",
    "pibox-zai-glm-5.1",
    "deepseek-reasoner",
    "openai-o3",
    "local-vllm-qwen",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "ministral-8b": [
    "groq-llama-3.1-8b",
    "cerebras-llama-3.1-8b",
    "cohere-command-r7b",
    "hf-gemma-3-12b",
    "hf-qwen3-vl-8b",
    "or-gpt-oss-20b",
    "mistral-small",
    "claudebox-haiku",
    "pibox-zai-glm-4.5-air",
    "openai-gpt-4o-mini",
    "anthropic-claude-haiku-4",
    "local-ollama-cuda-gemma4-e2b",
    "local-ollama-cuda-llama3.2-3b",
    "local-ollama-cpu-gemma4-e2b",
    "local-ollama-cpu-llama3.2-3b"
  ],
  "mistral-embed": [],
  "mistral-large": [
    "cerebras-qwen3-235b",
    "cohere-command-a",
    "groq-llama-4-scout",
    "groq-kimi-k2",
    "or-qwen3-80b",
    "hf-llama-4-scout",
    "mistral-small",
    "claudebox-sonnet",
    "pibox-zai-glm-5.1",
    "openai-gpt-4o",
    "anthropic-claude-sonnet-4",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cuda-gemma4-e2b",
    "local-ollama-cpu-gemma4-e2b",
    "local-ollama-cpu-gemma3-4b"
  ],
  "mistral-small": [
    "groq-llama-4-scout",
    "groq-llama-3.3-70b",
    "cerebras-gpt-oss-120b",
    "cohere-command-r",
    "or-llama-3.3-70b",
    "hf-llama-4-scout",
    "mistral-large",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o-mini",
    "openai-gpt-4o",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cuda-gemma4-e2b",
    "local-ollama-cpu-gemma4-e2b",
    "local-ollama-cpu-gemma3-4b"
  ],
  "moonshot-kimi-k2": [
    "groq-llama-3.3-70b",
    "cerebras-qwen3-235b",
    "mistral-large",
    "nim-llama-3.3-70b",
    "or-llama-3.3-70b",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o",
    "anthropic-claude-sonnet-4",
    "local-vllm-qwen",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "moonshot-v1-8k": [
    "groq-llama-3.3-70b",
    "cerebras-qwen3-235b",
    "mistral-large",
    "nim-llama-3.3-70b",
    "or-llama-3.3-70b",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o",
    "anthropic-claude-sonnet-4",
    "local-vllm-qwen",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "nim-deepseek-v3.2": [
    "cerebras-gpt-oss-120b",
    "groq-gpt-oss-120b",
    "cerebras-glm-4.7",
    "nim-deepseek-v4-pro",
    "or-nemotron-120b",
    "hf-deepseek-r1",
    "claudebox-opus",
    "pibox-zai-glm-5.1",
    "deepseek-reasoner",
    "openai-o3",
    "local-vllm-qwen",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "nim-deepseek-v4-pro": [
    "cerebras-gpt-oss-120b",
    "groq-gpt-oss-120b",
    "cerebras-glm-4.7",
    "or-nemotron-120b",
    "hf-deepseek-r1",
    "claudebox-opus",
    "pibox-zai-glm-5.1",
    "deepseek-reasoner",
    "openai-o3",
    "local-vllm-qwen",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "nim-llama-3.1-70b": [
    "groq-llama-3.3-70b",
    "cerebras-qwen3-235b",
    "mistral-large",
    "nim-llama-3.3-70b",
    "or-llama-3.3-70b",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o",
    "anthropic-claude-sonnet-4",
    "local-vllm-qwen",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "nim-llama-3.1-8b": [
    "groq-llama-3.1-8b",
    "cerebras-llama-3.1-8b",
    "ministral-8b",
    "or-gpt-oss-20b",
    "claudebox-haiku",
    "pibox-zai-glm-4.5-air",
    "openai-gpt-4o-mini",
    "anthropic-claude-haiku-4",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "nim-llama-3.3-70b": [
    "groq-llama-3.3-70b",
    "cerebras-qwen3-235b",
    "mistral-large",
    "or-llama-3.3-70b",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o",
    "anthropic-claude-sonnet-4",
    "local-vllm-qwen",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "nim-mistral-nemo": [
    "groq-llama-3.1-8b",
    "cerebras-llama-3.1-8b",
    "ministral-8b",
    "nim-llama-3.1-8b",
    "or-gpt-oss-20b",
    "claudebox-haiku",
    "pibox-zai-glm-4.5-air",
    "openai-gpt-4o-mini",
    "anthropic-claude-haiku-4",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "nim-nemotron-120b": [
    "groq-llama-3.1-8b",
    "cerebras-llama-3.1-8b",
    "ministral-8b",
    "nim-llama-3.1-8b",
    "or-gpt-oss-20b",
    "claudebox-haiku",
    "pibox-zai-glm-4.5-air",
    "openai-gpt-4o-mini",
    "anthropic-claude-haiku-4",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "nous-deepseek-v4-flash": [
    "cerebras-gpt-oss-120b",
    "groq-gpt-oss-120b",
    "cerebras-glm-4.7",
    "nim-deepseek-v4-pro",
    "or-nemotron-120b",
    "hf-deepseek-r1",
    "claudebox-opus",
    "pibox-zai-glm-5.1",
    "deepseek-reasoner",
    "openai-o3",
    "local-vllm-qwen",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "ofox-glm-4.7-flash": [
    "cerebras-gpt-oss-120b",
    "groq-gpt-oss-120b",
    "cerebras-glm-4.7",
    "nim-deepseek-v4-pro",
    "or-nemotron-120b",
    "hf-deepseek-r1",
    "claudebox-opus",
    "pibox-zai-glm-5.1",
    "deepseek-reasoner",
    "openai-o3",
    "local-vllm-qwen",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "ollama-cloud-glm-4.7": [
    "cerebras-gpt-oss-120b",
    "groq-gpt-oss-120b",
    "cerebras-glm-4.7",
    "nim-deepseek-v4-pro",
    "or-nemotron-120b",
    "hf-deepseek-r1",
    "claudebox-opus",
    "pibox-zai-glm-5.1",
    "deepseek-reasoner",
    "openai-o3",
    "local-vllm-qwen",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "ollama-cloud-gpt-oss-120b": [
    "groq-llama-3.1-8b",
    "cerebras-llama-3.1-8b",
    "ministral-8b",
    "nim-llama-3.1-8b",
    "or-gpt-oss-20b",
    "claudebox-haiku",
    "pibox-zai-glm-4.5-air",
    "openai-gpt-4o-mini",
    "anthropic-claude-haiku-4",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "ollama-cloud-kimi-k2": [
    "groq-llama-3.3-70b",
    "cerebras-qwen3-235b",
    "mistral-large",
    "nim-llama-3.3-70b",
    "or-llama-3.3-70b",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o",
    "anthropic-claude-sonnet-4",
    "local-vllm-qwen",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "ollama-cloud-qwen3-coder": [
    "cerebras-glm-4.7",
    "groq-kimi-k2",
    "or-qwen3-coder",
    "mistral-large",
    "claudebox-sonnet",
    "pibox-zai-glm-5.1",
    "devstral",
    "codestral",
    "anthropic-claude-sonnet-4",
    "local-ollama-cuda-qwen2.5-coder-7b",
    "local-ollama-cuda-deepseek-coder-v2-16b",
    "local-ollama-cpu-qwen2.5-coder-3b"
  ],
  "openai-dall-e-3": [
    "hf-flux-schnell",
    "local-sdcpp-cuda-flux-schnell",
    "local-sdcpp-cuda-sdxl-lightning",
    "local-sdcpp-cpu-sdxl-turbo",
    "openai-gpt-image-1"
  ],
  "openai-gpt-4o": [
    "mistral-large",
    "groq-llama-4-scout",
    "cerebras-qwen3-235b",
    "groq-kimi-k2",
    "cohere-command-a",
    "hf-llama-4-scout",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "anthropic-claude-sonnet-4",
    "openai-gpt-4o-mini",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cuda-gemma4-e2b",
    "local-ollama-cpu-gemma4-e2b",
    "local-ollama-cpu-gemma3-4b"
  ],
  "openai-gpt-4o-mini": [
    "mistral-small",
    "groq-llama-4-scout",
    "ministral-8b",
    "cerebras-llama-3.1-8b",
    "groq-llama-3.1-8b",
    "hf-gemma-3-12b",
    "claudebox-haiku",
    "pibox-zai-glm-4.5-air",
    "anthropic-claude-haiku-4",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cuda-gemma4-e2b",
    "local-ollama-cpu-gemma4-e2b",
    "local-ollama-cpu-gemma3-4b"
  ],
  "openai-gpt-4o-mini-transcribe": [
    "groq-whisper-large-v3-turbo",
    "groq-whisper-large-v3",
    "local-talkies-cuda-whisper-large-v3-turbo",
    "local-talkies-whisper-large-v3-turbo",
    "voxtral-small",
    "openai-whisper",
    "openai-gpt-4o-transcribe"
  ],
  "openai-gpt-4o-transcribe": [
    "groq-whisper-large-v3",
    "groq-whisper-large-v3-turbo",
    "local-talkies-cuda-whisper-large-v3",
    "local-talkies-whisper-large-v3",
    "openai-gpt-4o-mini-transcribe",
    "voxtral-small",
    "openai-whisper"
  ],
  "openai-gpt-image-1": [
    "hf-flux-schnell",
    "local-sdcpp-cuda-flux-schnell",
    "local-sdcpp-cuda-sdxl-lightning",
    "local-sdcpp-cpu-sdxl-turbo",
    "openai-dall-e-3"
  ],
  "openai-moderation": [],
  "openai-o3": [
    "cerebras-gpt-oss-120b",
    "groq-gpt-oss-120b",
    "mistral-small",
    "or-nemotron-120b",
    "hf-deepseek-r1",
    "claudebox-opus",
    "pibox-zai-glm-5.1",
    "magistral-medium",
    "anthropic-claude-opus-4",
    "openai-o3-mini",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cpu-gemma4-e2b"
  ],
  "openai-o3-mini": [
    "groq-gpt-oss-20b",
    "cerebras-gpt-oss-120b",
    "groq-qwen3-32b",
    "or-gpt-oss-20b",
    "hf-qwq-32b",
    "mistral-small",
    "claudebox-haiku",
    "pibox-zai-glm-4.5-air",
    "magistral-small",
    "anthropic-claude-haiku-4",
    "openai-gpt-4o-mini",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "openai-tts-1": [
    "local-talkies-cuda-qwen3-tts",
    "local-talkies-cuda-kokoro-tts",
    "local-talkies-kokoro-tts",
    "openai-tts-1-hd"
  ],
  "openai-tts-1-hd": [
    "local-talkies-cuda-qwen3-tts",
    "local-talkies-cuda-kokoro-tts",
    "local-talkies-kokoro-tts",
    "openai-tts-1"
  ],
  "openai-whisper": [
    "groq-whisper-large-v3",
    "groq-whisper-large-v3-turbo",
    "local-talkies-cuda-whisper-large-v3",
    "local-talkies-whisper-large-v3",
    "openai-gpt-4o-mini-transcribe",
    "voxtral-small"
  ],
  "or-deepseek-r1": [
    "cerebras-gpt-oss-120b",
    "groq-gpt-oss-120b",
    "cerebras-glm-4.7",
    "nim-deepseek-v4-pro",
    "or-nemotron-120b",
    "hf-deepseek-r1",
    "claudebox-opus",
    "pibox-zai-glm-5.1",
    "deepseek-reasoner",
    "openai-o3",
    "local-vllm-qwen",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "or-dolphin-mistral-24b": [
    "or-hermes-3-405b",
    "local-ollama-cuda-qwen3-abliterated-16b",
    "local-ollama-cuda-dolphin-phi",
    "local-ollama-cpu-dolphin-phi"
  ],
  "or-gemma-3-27b": [
    "groq-llama-3.3-70b",
    "cerebras-qwen3-235b",
    "mistral-large",
    "nim-llama-3.3-70b",
    "or-llama-3.3-70b",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o",
    "anthropic-claude-sonnet-4",
    "local-vllm-qwen",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "or-gemma-4-26b": [
    "groq-llama-3.3-70b",
    "cerebras-qwen3-235b",
    "mistral-large",
    "nim-llama-3.3-70b",
    "or-llama-3.3-70b",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o",
    "anthropic-claude-sonnet-4",
    "local-vllm-qwen",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "or-gemma-4-31b": [
    "groq-llama-3.3-70b",
    "cerebras-qwen3-235b",
    "mistral-large",
    "nim-llama-3.3-70b",
    "or-llama-3.3-70b",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o",
    "anthropic-claude-sonnet-4",
    "local-vllm-qwen",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "or-glm-4.5-air": [
    "cerebras-gpt-oss-120b",
    "groq-gpt-oss-120b",
    "cerebras-glm-4.7",
    "nim-deepseek-v4-pro",
    "or-nemotron-120b",
    "hf-deepseek-r1",
    "claudebox-opus",
    "pibox-zai-glm-5.1",
    "deepseek-reasoner",
    "openai-o3",
    "local-vllm-qwen",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "or-gpt-oss-120b": [
    "groq-gpt-oss-120b",
    "cerebras-gpt-oss-120b",
    "cerebras-glm-4.7",
    "groq-qwen3-32b",
    "hf-deepseek-r1",
    "or-nemotron-120b",
    "claudebox-sonnet",
    "pibox-zai-glm-5.1",
    "magistral-medium",
    "openai-o3",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "or-gpt-oss-20b": [
    "groq-gpt-oss-20b",
    "cerebras-gpt-oss-120b",
    "groq-qwen3-32b",
    "hf-qwen3-8b",
    "ministral-8b",
    "claudebox-haiku",
    "pibox-zai-glm-4.5-air",
    "magistral-small",
    "openai-o3-mini",
    "openai-gpt-4o-mini",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "or-hermes-3-405b": [
    "mistral-large",
    "cerebras-qwen3-235b",
    "cohere-command-a",
    "groq-llama-3.3-70b",
    "hf-llama-3.3-70b",
    "or-nemotron-120b",
    "or-llama-3.3-70b",
    "claudebox-sonnet",
    "pibox-zai-glm-5.1",
    "anthropic-claude-sonnet-4",
    "openai-gpt-4o",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "or-hy3-preview": [
    "groq-llama-3.3-70b",
    "cerebras-qwen3-235b",
    "mistral-large",
    "nim-llama-3.3-70b",
    "or-llama-3.3-70b",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o",
    "anthropic-claude-sonnet-4",
    "local-vllm-qwen",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "or-ling-flash": [
    "groq-llama-3.3-70b",
    "cerebras-qwen3-235b",
    "mistral-large",
    "nim-llama-3.3-70b",
    "or-llama-3.3-70b",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o",
    "anthropic-claude-sonnet-4",
    "local-vllm-qwen",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "or-llama-3.2-3b": [
    "groq-llama-3.1-8b",
    "cerebras-llama-3.1-8b",
    "ministral-8b",
    "nim-llama-3.1-8b",
    "or-gpt-oss-20b",
    "claudebox-haiku",
    "pibox-zai-glm-4.5-air",
    "openai-gpt-4o-mini",
    "anthropic-claude-haiku-4",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "or-llama-3.3-70b": [
    "groq-llama-3.3-70b",
    "cerebras-qwen3-235b",
    "mistral-small",
    "cohere-command-r",
    "hf-llama-3.3-70b",
    "or-qwen3-80b",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "or-minimax-m2.5": [
    "cerebras-glm-4.7",
    "groq-kimi-k2",
    "cerebras-gpt-oss-120b",
    "groq-gpt-oss-120b",
    "mistral-large",
    "or-nemotron-120b",
    "claudebox-sonnet",
    "pibox-zai-glm-5.1",
    "devstral",
    "anthropic-claude-sonnet-4",
    "openai-o3",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "or-nemotron-120b": [
    "cerebras-gpt-oss-120b",
    "groq-gpt-oss-120b",
    "cerebras-glm-4.7",
    "hf-deepseek-r1",
    "or-gpt-oss-120b",
    "or-minimax-m2.5",
    "claudebox-sonnet",
    "pibox-zai-glm-5.1",
    "magistral-medium",
    "openai-o3",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "or-nemotron-nano-30b": [
    "groq-llama-3.3-70b",
    "cerebras-qwen3-235b",
    "mistral-large",
    "nim-llama-3.3-70b",
    "or-llama-3.3-70b",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o",
    "anthropic-claude-sonnet-4",
    "local-vllm-qwen",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "or-nemotron-nano-9b": [
    "groq-llama-3.1-8b",
    "cerebras-llama-3.1-8b",
    "ministral-8b",
    "nim-llama-3.1-8b",
    "or-gpt-oss-20b",
    "claudebox-haiku",
    "pibox-zai-glm-4.5-air",
    "openai-gpt-4o-mini",
    "anthropic-claude-haiku-4",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "or-qwen3-80b": [
    "cerebras-qwen3-235b",
    "groq-llama-3.3-70b",
    "mistral-large",
    "cohere-command-a",
    "hf-llama-3.3-70b",
    "or-nemotron-120b",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "or-qwen3-coder": [
    "cerebras-glm-4.7",
    "groq-kimi-k2",
    "cerebras-qwen3-235b",
    "mistral-large",
    "or-minimax-m2.5",
    "claudebox-sonnet",
    "pibox-zai-glm-5.1",
    "devstral",
    "codestral",
    "anthropic-claude-sonnet-4",
    "local-ollama-cuda-qwen2.5-coder-7b",
    "local-ollama-cuda-deepseek-coder-v2-16b",
    "local-ollama-cpu-qwen2.5-coder-3b"
  ],
  "or-ring-1t": [
    "cerebras-gpt-oss-120b",
    "groq-gpt-oss-120b",
    "cerebras-glm-4.7",
    "nim-deepseek-v4-pro",
    "or-nemotron-120b",
    "hf-deepseek-r1",
    "claudebox-opus",
    "pibox-zai-glm-5.1",
    "deepseek-reasoner",
    "openai-o3",
    "local-vllm-qwen",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "ovh-gpt-oss-120b": [
    "groq-llama-3.1-8b",
    "cerebras-llama-3.1-8b",
    "ministral-8b",
    "nim-llama-3.1-8b",
    "or-gpt-oss-20b",
    "claudebox-haiku",
    "pibox-zai-glm-4.5-air",
    "openai-gpt-4o-mini",
    "anthropic-claude-haiku-4",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "ovh-gpt-oss-20b": [
    "groq-llama-3.1-8b",
    "cerebras-llama-3.1-8b",
    "ministral-8b",
    "nim-llama-3.1-8b",
    "or-gpt-oss-20b",
    "claudebox-haiku",
    "pibox-zai-glm-4.5-air",
    "openai-gpt-4o-mini",
    "anthropic-claude-haiku-4",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "ovh-llama-3.3-70b": [
    "groq-llama-3.3-70b",
    "cerebras-qwen3-235b",
    "mistral-large",
    "nim-llama-3.3-70b",
    "or-llama-3.3-70b",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o",
    "anthropic-claude-sonnet-4",
    "local-vllm-qwen",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "ovh-qwen3-coder-30b": [
    "cerebras-glm-4.7",
    "groq-kimi-k2",
    "or-qwen3-coder",
    "mistral-large",
    "claudebox-sonnet",
    "pibox-zai-glm-5.1",
    "devstral",
    "codestral",
    "anthropic-claude-sonnet-4",
    "local-ollama-cuda-qwen2.5-coder-7b",
    "local-ollama-cuda-deepseek-coder-v2-16b",
    "local-ollama-cpu-qwen2.5-coder-3b"
  ],
  "ovh-qwen3.5-397b": [
    "cerebras-gpt-oss-120b",
    "groq-gpt-oss-120b",
    "cerebras-glm-4.7",
    "nim-deepseek-v4-pro",
    "or-nemotron-120b",
    "hf-deepseek-r1",
    "claudebox-opus",
    "pibox-zai-glm-5.1",
    "deepseek-reasoner",
    "openai-o3",
    "local-vllm-qwen",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "pibox-zai-glm-4.5-air": [
    "claudebox-haiku",
    "pibox-zai-glm-4.7",
    "anthropic-claude-haiku-4",
    "openai-o3-mini",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "pibox-zai-glm-4.7": [
    "claudebox-sonnet",
    "pibox-zai-glm-5.1",
    "anthropic-claude-sonnet-4",
    "openai-o3",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "pibox-zai-glm-5.1": [
    "claudebox-opus",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "anthropic-claude-opus-4",
    "openai-o3",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "pollinations-gpt-oss-20b": [
    "groq-llama-3.1-8b",
    "cerebras-llama-3.1-8b",
    "ministral-8b",
    "nim-llama-3.1-8b",
    "or-gpt-oss-20b",
    "claudebox-haiku",
    "pibox-zai-glm-4.5-air",
    "openai-gpt-4o-mini",
    "anthropic-claude-haiku-4",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "qwen-plus": [
    "groq-llama-3.3-70b",
    "cerebras-qwen3-235b",
    "mistral-large",
    "nim-llama-3.3-70b",
    "or-llama-3.3-70b",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o",
    "anthropic-claude-sonnet-4",
    "local-vllm-qwen",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "qwen3-coder-plus": [
    "cerebras-glm-4.7",
    "groq-kimi-k2",
    "or-qwen3-coder",
    "mistral-large",
    "claudebox-sonnet",
    "pibox-zai-glm-5.1",
    "devstral",
    "codestral",
    "anthropic-claude-sonnet-4",
    "local-ollama-cuda-qwen2.5-coder-7b",
    "local-ollama-cuda-deepseek-coder-v2-16b",
    "local-ollama-cpu-qwen2.5-coder-3b"
  ],
  "reka-edge": [
    "mistral-small",
    "groq-llama-4-scout",
    "gemini-flash-latest",
    "hf-llama-4-scout",
    "claudebox-sonnet",
    "openai-gpt-4o-mini",
    "anthropic-claude-haiku-4",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cpu-gemma4-e2b"
  ],
  "reka-flash-3": [
    "cerebras-gpt-oss-120b",
    "groq-gpt-oss-120b",
    "cerebras-glm-4.7",
    "nim-deepseek-v4-pro",
    "or-nemotron-120b",
    "hf-deepseek-r1",
    "claudebox-opus",
    "pibox-zai-glm-5.1",
    "deepseek-reasoner",
    "openai-o3",
    "local-vllm-qwen",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "sambanova-deepseek-v3.2": [
    "groq-llama-3.3-70b",
    "cerebras-qwen3-235b",
    "mistral-large",
    "nim-llama-3.3-70b",
    "or-llama-3.3-70b",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o",
    "anthropic-claude-sonnet-4",
    "local-vllm-qwen",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "sambanova-gpt-oss-120b": [
    "groq-llama-3.1-8b",
    "cerebras-llama-3.1-8b",
    "ministral-8b",
    "nim-llama-3.1-8b",
    "or-gpt-oss-20b",
    "claudebox-haiku",
    "pibox-zai-glm-4.5-air",
    "openai-gpt-4o-mini",
    "anthropic-claude-haiku-4",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "sambanova-llama-3.3-70b": [
    "groq-llama-3.3-70b",
    "cerebras-qwen3-235b",
    "mistral-large",
    "nim-llama-3.3-70b",
    "or-llama-3.3-70b",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o",
    "anthropic-claude-sonnet-4",
    "local-vllm-qwen",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "siliconflow-cosyvoice2": ["local-talkies-cuda-kokoro-tts", "local-talkies-kokoro-tts", "openai-tts-1"],
  "siliconflow-flux-schnell": [
    "hf-flux-schnell",
    "local-sdcpp-cuda-flux-schnell",
    "local-sdcpp-cuda-sdxl-lightning",
    "local-sdcpp-cpu-sdxl-turbo",
    "openai-gpt-image-1"
  ],
  "siliconflow-qwen3-8b": [
    "groq-llama-3.1-8b",
    "cerebras-llama-3.1-8b",
    "ministral-8b",
    "nim-llama-3.1-8b",
    "or-gpt-oss-20b",
    "claudebox-haiku",
    "pibox-zai-glm-4.5-air",
    "openai-gpt-4o-mini",
    "anthropic-claude-haiku-4",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "together-llama-3-8b-lite": [
    "groq-llama-3.1-8b",
    "cerebras-llama-3.1-8b",
    "ministral-8b",
    "nim-llama-3.1-8b",
    "or-gpt-oss-20b",
    "claudebox-haiku",
    "pibox-zai-glm-4.5-air",
    "openai-gpt-4o-mini",
    "anthropic-claude-haiku-4",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "together-llama-3.3-70b": [
    "groq-llama-3.3-70b",
    "cerebras-qwen3-235b",
    "mistral-large",
    "nim-llama-3.3-70b",
    "or-llama-3.3-70b",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o",
    "anthropic-claude-sonnet-4",
    "local-vllm-qwen",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "voxtral-small": [
    "groq-whisper-large-v3",
    "groq-whisper-large-v3-turbo",
    "local-talkies-cuda-whisper-large-v3",
    "local-talkies-whisper-large-v3",
    "openai-gpt-4o-transcribe",
    "openai-whisper"
  ],
  "xai-grok-3-mini": [
    "cerebras-gpt-oss-120b",
    "groq-gpt-oss-120b",
    "cerebras-glm-4.7",
    "nim-deepseek-v4-pro",
    "or-nemotron-120b",
    "hf-deepseek-r1",
    "claudebox-opus",
    "pibox-zai-glm-5.1",
    "deepseek-reasoner",
    "openai-o3",
    "local-vllm-qwen",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "xai-grok-4": [
    "mistral-large",
    "groq-llama-4-scout",
    "gemini-flash-latest",
    "groq-kimi-k2",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o",
    "anthropic-claude-sonnet-4",
    "local-ollama-cuda-gemma4-e4b",
    "local-ollama-cpu-gemma4-e2b"
  ],
  "zai-glm-4.5": [
    "cerebras-gpt-oss-120b",
    "groq-gpt-oss-120b",
    "cerebras-glm-4.7",
    "nim-deepseek-v4-pro",
    "or-nemotron-120b",
    "hf-deepseek-r1",
    "claudebox-opus",
    "pibox-zai-glm-5.1",
    "deepseek-reasoner",
    "openai-o3",
    "local-vllm-qwen",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "zai-glm-4.5-flash": [
    "cerebras-gpt-oss-120b",
    "groq-gpt-oss-120b",
    "cerebras-glm-4.7",
    "nim-deepseek-v4-pro",
    "or-nemotron-120b",
    "hf-deepseek-r1",
    "claudebox-opus",
    "pibox-zai-glm-5.1",
    "deepseek-reasoner",
    "openai-o3",
    "local-vllm-qwen",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "zai-glm-4.7-flash": [
    "cerebras-gpt-oss-120b",
    "groq-gpt-oss-120b",
    "cerebras-glm-4.7",
    "nim-deepseek-v4-pro",
    "or-nemotron-120b",
    "hf-deepseek-r1",
    "claudebox-opus",
    "pibox-zai-glm-5.1",
    "deepseek-reasoner",
    "openai-o3",
    "local-vllm-qwen",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "zen-big-pickle": [
    "groq-llama-3.3-70b",
    "cerebras-qwen3-235b",
    "mistral-large",
    "nim-llama-3.3-70b",
    "or-llama-3.3-70b",
    "claudebox-sonnet",
    "pibox-zai-glm-4.7",
    "openai-gpt-4o",
    "anthropic-claude-sonnet-4",
    "local-vllm-qwen",
    "local-ollama-cuda-qwen3-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "zen-deepseek-v4-flash": [
    "cerebras-gpt-oss-120b",
    "groq-gpt-oss-120b",
    "cerebras-glm-4.7",
    "nim-deepseek-v4-pro",
    "or-nemotron-120b",
    "hf-deepseek-r1",
    "claudebox-opus",
    "pibox-zai-glm-5.1",
    "deepseek-reasoner",
    "openai-o3",
    "local-vllm-qwen",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "zen-nemotron-3-super": [
    "cerebras-gpt-oss-120b",
    "groq-gpt-oss-120b",
    "cerebras-glm-4.7",
    "nim-deepseek-v4-pro",
    "or-nemotron-120b",
    "hf-deepseek-r1",
    "claudebox-opus",
    "pibox-zai-glm-5.1",
    "deepseek-reasoner",
    "openai-o3",
    "local-vllm-qwen",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "zhipu-glm-4.5": [
    "cerebras-gpt-oss-120b",
    "groq-gpt-oss-120b",
    "cerebras-glm-4.7",
    "nim-deepseek-v4-pro",
    "or-nemotron-120b",
    "hf-deepseek-r1",
    "claudebox-opus",
    "pibox-zai-glm-5.1",
    "deepseek-reasoner",
    "openai-o3",
    "local-vllm-qwen",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "zhipu-glm-4.5-flash": [
    "cerebras-gpt-oss-120b",
    "groq-gpt-oss-120b",
    "cerebras-glm-4.7",
    "nim-deepseek-v4-pro",
    "or-nemotron-120b",
    "hf-deepseek-r1",
    "claudebox-opus",
    "pibox-zai-glm-5.1",
    "deepseek-reasoner",
    "openai-o3",
    "local-vllm-qwen",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cpu-qwen3-4b"
  ],
  "zhipu-glm-4.7-flash": [
    "cerebras-gpt-oss-120b",
    "groq-gpt-oss-120b",
    "cerebras-glm-4.7",
    "nim-deepseek-v4-pro",
    "or-nemotron-120b",
    "hf-deepseek-r1",
    "claudebox-opus",
    "pibox-zai-glm-5.1",
    "deepseek-reasoner",
    "openai-o3",
    "local-vllm-qwen",
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cpu-qwen3-4b"
  ]
} as const satisfies Record<ModelAlias, readonly ModelAlias[]>;

/** Alias → aliases with a larger window, tried when a prompt does not fit. */
export const contextWindow = {
  "agnes-1.5-flash": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "aimlapi-gpt-4o-mini": [
    "gemini-flash-latest",
    "mistral-large",
    "or-qwen3-80b",
    "anthropic-claude-sonnet-4"
  ],
  "anthropic-claude-haiku-4": ["mistral-small", "mistral-large", "gemini-flash-latest"],
  "anthropic-claude-opus-4": ["mistral-small", "mistral-large", "gemini-flash-latest"],
  "anthropic-claude-sonnet-4": ["mistral-small", "mistral-large", "gemini-flash-latest"],
  "bluesmind-llama-3.1-8b": [
    "gemini-flash-latest",
    "mistral-large",
    "or-qwen3-80b",
    "anthropic-claude-sonnet-4"
  ],
  "cerebras-glm-4.7": [
    "mistral-small",
    "or-nemotron-120b",
    "or-minimax-m2.5",
    "gemini-flash-latest",
    "openai-o3",
    "openai-o3-mini"
  ],
  "cerebras-gpt-oss-120b": [
    "mistral-small",
    "or-nemotron-120b",
    "or-minimax-m2.5",
    "gemini-flash-latest",
    "openai-o3",
    "openai-o3-mini"
  ],
  "cerebras-llama-3.1-8b": [
    "groq-llama-3.1-8b",
    "ministral-8b",
    "mistral-small",
    "cohere-command-a",
    "gemini-flash-latest",
    "openai-gpt-4o-mini",
    "anthropic-claude-haiku-4"
  ],
  "cerebras-qwen3-235b": [
    "mistral-large",
    "or-qwen3-80b",
    "cohere-command-a",
    "gemini-flash-latest",
    "anthropic-claude-sonnet-4"
  ],
  "cf-glm-4.7-flash": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "cf-gpt-oss-120b": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "cf-granite-4-micro": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "cf-kimi-k2.6": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "cf-llama-3.3-70b": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "chutes-deepseek-v3.1": [
    "gemini-flash-latest",
    "mistral-large",
    "or-qwen3-80b",
    "anthropic-claude-sonnet-4"
  ],
  "chutes-kimi-k2": ["gemini-flash-latest"],
  "codestral": ["mistral-large", "or-qwen3-coder", "gemini-flash-latest", "devstral"],
  "cohere-aya-32b": [
    "mistral-large",
    "or-qwen3-80b",
    "cohere-command-a",
    "gemini-flash-latest",
    "anthropic-claude-sonnet-4"
  ],
  "cohere-command-a": ["mistral-large", "or-qwen3-80b", "gemini-flash-latest"],
  "cohere-command-r": [
    "mistral-large",
    "or-qwen3-80b",
    "cohere-command-a",
    "gemini-flash-latest",
    "anthropic-claude-sonnet-4"
  ],
  "cohere-command-r-plus": [
    "mistral-large",
    "or-qwen3-80b",
    "cohere-command-a",
    "gemini-flash-latest",
    "anthropic-claude-sonnet-4"
  ],
  "cohere-command-r7b": [
    "groq-llama-3.1-8b",
    "ministral-8b",
    "mistral-small",
    "cohere-command-a",
    "gemini-flash-latest",
    "anthropic-claude-haiku-4"
  ],
  "deepinfra-kimi-k2": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "deepinfra-llama-3.1-8b": [
    "gemini-flash-latest",
    "mistral-large",
    "or-qwen3-80b",
    "anthropic-claude-sonnet-4"
  ],
  "deepseek-chat": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "deepseek-reasoner": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "fireworks-gpt-oss-120b": [
    "gemini-flash-latest",
    "mistral-large",
    "or-qwen3-80b",
    "anthropic-claude-sonnet-4"
  ],
  "fireworks-kimi-k2.5": [
    "gemini-flash-latest",
    "mistral-large",
    "or-qwen3-80b",
    "anthropic-claude-sonnet-4"
  ],
  "groq-compound": [
    "mistral-large",
    "or-qwen3-80b",
    "cohere-command-a",
    "gemini-flash-latest",
    "anthropic-claude-sonnet-4"
  ],
  "groq-compound-mini": [
    "ministral-8b",
    "mistral-small",
    "cohere-command-a",
    "gemini-flash-latest",
    "anthropic-claude-haiku-4"
  ],
  "groq-gpt-oss-120b": [
    "mistral-small",
    "or-nemotron-120b",
    "or-minimax-m2.5",
    "gemini-flash-latest",
    "openai-o3",
    "openai-o3-mini"
  ],
  "groq-gpt-oss-20b": [
    "mistral-small",
    "or-nemotron-120b",
    "or-minimax-m2.5",
    "gemini-flash-latest",
    "openai-o3",
    "openai-o3-mini"
  ],
  "groq-kimi-k2": [
    "mistral-large",
    "or-qwen3-80b",
    "cohere-command-a",
    "gemini-flash-latest",
    "anthropic-claude-sonnet-4"
  ],
  "groq-llama-3.1-8b": [
    "ministral-8b",
    "mistral-small",
    "cohere-command-a",
    "gemini-flash-latest",
    "anthropic-claude-haiku-4"
  ],
  "groq-llama-3.3-70b": [
    "mistral-large",
    "or-qwen3-80b",
    "cohere-command-a",
    "gemini-flash-latest",
    "anthropic-claude-sonnet-4"
  ],
  "groq-llama-4-scout": [
    "mistral-small",
    "mistral-large",
    "gemini-flash-latest",
    "anthropic-claude-sonnet-4"
  ],
  "groq-qwen3-32b": [
    "mistral-small",
    "or-nemotron-120b",
    "or-minimax-m2.5",
    "gemini-flash-latest",
    "openai-o3",
    "openai-o3-mini"
  ],
  "hf-deepseek-r1": [
    "mistral-small",
    "or-nemotron-120b",
    "or-minimax-m2.5",
    "gemini-flash-latest",
    "openai-o3",
    "openai-o3-mini"
  ],
  "hf-gemma-3-12b": ["mistral-small", "mistral-large", "gemini-flash-latest", "anthropic-claude-sonnet-4"],
  "hf-llama-3.1-8b": [
    "ministral-8b",
    "mistral-small",
    "cohere-command-a",
    "gemini-flash-latest",
    "anthropic-claude-haiku-4"
  ],
  "hf-llama-3.3-70b": [
    "mistral-large",
    "or-qwen3-80b",
    "cohere-command-a",
    "gemini-flash-latest",
    "anthropic-claude-sonnet-4"
  ],
  "hf-llama-4-scout": ["mistral-small", "mistral-large", "gemini-flash-latest", "anthropic-claude-sonnet-4"],
  "hf-qwen-vl-72b": ["mistral-small", "mistral-large", "gemini-flash-latest", "anthropic-claude-sonnet-4"],
  "hf-qwen3-8b": [
    "groq-llama-3.1-8b",
    "ministral-8b",
    "mistral-small",
    "cohere-command-a",
    "gemini-flash-latest",
    "openai-gpt-4o-mini",
    "anthropic-claude-haiku-4"
  ],
  "hf-qwen3-vl-8b": ["mistral-small", "mistral-large", "gemini-flash-latest", "anthropic-claude-sonnet-4"],
  "hf-qwq-32b": [
    "mistral-small",
    "or-nemotron-120b",
    "or-minimax-m2.5",
    "gemini-flash-latest",
    "openai-o3",
    "openai-o3-mini"
  ],
  "hypereal-gpt-5.5-instant": ["gemini-flash-latest"],
  "inception-mercury": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "inception-mercury-coder": [
    "gemini-flash-latest",
    "mistral-large",
    "or-qwen3-80b",
    "anthropic-claude-sonnet-4"
  ],
  "kilo-laguna-m.1": ["gemini-flash-latest"],
  "kilo-nemotron-3-super": ["gemini-flash-latest"],
  "kilo-step-3.7-flash": ["gemini-flash-latest"],
  "llm7-codestral": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "llm7-gpt-4o-mini": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "llm7-gpt-oss-20b": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "llm7-llama-3.1-8b": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "local-ollama-cpu-dolphin-phi": [
    "local-ollama-cuda-qwen3-abliterated-16b",
    "local-ollama-cuda-gemma4-abliterated-e4b",
    "local-ollama-cpu-llama3.2-3b"
  ],
  "local-ollama-cpu-qwen2.5-coder-1.5b": [
    "local-ollama-cuda-deepseek-coder-v2-16b",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cpu-phi4-mini",
    "local-ollama-cpu-llama3.2-3b"
  ],
  "local-ollama-cpu-qwen2.5-coder-3b": [
    "local-ollama-cuda-deepseek-coder-v2-16b",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cpu-phi4-mini",
    "local-ollama-cpu-llama3.2-3b"
  ],
  "local-ollama-cpu-qwen3-4b": [
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cpu-phi4-mini",
    "local-ollama-cpu-llama3.2-3b"
  ],
  "local-ollama-cpu-smollm2-1.7b": [
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cuda-llama3.2-3b",
    "local-ollama-cpu-phi4-mini",
    "local-ollama-cpu-llama3.2-3b"
  ],
  "local-ollama-cuda-dolphin-phi": [
    "local-ollama-cuda-qwen3-abliterated-16b",
    "local-ollama-cuda-gemma4-abliterated-e4b",
    "local-ollama-cpu-llama3.2-3b"
  ],
  "local-ollama-cuda-qwen2.5-coder-1.5b": [
    "local-ollama-cuda-deepseek-coder-v2-16b",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cpu-phi4-mini",
    "local-ollama-cpu-llama3.2-3b"
  ],
  "local-ollama-cuda-qwen2.5-coder-3b": [
    "local-ollama-cuda-deepseek-coder-v2-16b",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cpu-phi4-mini",
    "local-ollama-cpu-llama3.2-3b"
  ],
  "local-ollama-cuda-qwen2.5-coder-7b": [
    "local-ollama-cuda-deepseek-coder-v2-16b",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cpu-phi4-mini",
    "local-ollama-cpu-llama3.2-3b"
  ],
  "local-ollama-cuda-qwen3-4b": [
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cpu-phi4-mini",
    "local-ollama-cpu-llama3.2-3b"
  ],
  "local-ollama-cuda-qwen3-8b": [
    "local-ollama-cuda-deepseek-r1-8b",
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cpu-phi4-mini",
    "local-ollama-cpu-llama3.2-3b"
  ],
  "local-ollama-cuda-qwen3-abliterated-16b": [
    "local-ollama-cuda-gemma4-abliterated-e4b",
    "local-ollama-cpu-llama3.2-3b"
  ],
  "local-ollama-cuda-smollm2-1.7b": [
    "local-ollama-cuda-llama3.1-8b",
    "local-ollama-cuda-llama3.2-3b",
    "local-ollama-cpu-phi4-mini",
    "local-ollama-cpu-llama3.2-3b"
  ],
  "local-vllm-qwen": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "magistral-medium": [
    "mistral-small",
    "or-nemotron-120b",
    "or-minimax-m2.5",
    "gemini-flash-latest",
    "openai-o3",
    "openai-o3-mini"
  ],
  "magistral-small": [
    "mistral-small",
    "or-nemotron-120b",
    "or-minimax-m2.5",
    "gemini-flash-latest",
    "openai-o3",
    "openai-o3-mini"
  ],
  "minimax-m2.5": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "minimax-m2.7": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "moonshot-kimi-k2": ["gemini-flash-latest"],
  "moonshot-v1-8k": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "nim-deepseek-v3.2": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "nim-deepseek-v4-pro": [
    "gemini-flash-latest",
    "mistral-large",
    "or-qwen3-80b",
    "anthropic-claude-sonnet-4"
  ],
  "nim-llama-3.1-70b": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "nim-llama-3.1-8b": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "nim-llama-3.3-70b": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "nim-mistral-nemo": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "nim-nemotron-120b": ["gemini-flash-latest"],
  "nous-deepseek-v4-flash": [
    "gemini-flash-latest",
    "mistral-large",
    "or-qwen3-80b",
    "anthropic-claude-sonnet-4"
  ],
  "ofox-glm-4.7-flash": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b"],
  "ollama-cloud-glm-4.7": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b"],
  "ollama-cloud-gpt-oss-120b": [
    "gemini-flash-latest",
    "mistral-large",
    "or-qwen3-80b",
    "anthropic-claude-sonnet-4"
  ],
  "ollama-cloud-kimi-k2": ["gemini-flash-latest"],
  "ollama-cloud-qwen3-coder": ["gemini-flash-latest"],
  "openai-gpt-4o": ["mistral-small", "mistral-large", "gemini-flash-latest", "anthropic-claude-sonnet-4"],
  "openai-gpt-4o-mini": [
    "mistral-small",
    "mistral-large",
    "gemini-flash-latest",
    "anthropic-claude-sonnet-4"
  ],
  "openai-o3": ["mistral-small", "mistral-large", "gemini-flash-latest"],
  "openai-o3-mini": ["mistral-small", "or-nemotron-120b", "gemini-flash-latest"],
  "or-deepseek-r1": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "or-dolphin-mistral-24b": [
    "gemini-flash-latest",
    "mistral-large",
    "or-qwen3-80b",
    "anthropic-claude-sonnet-4"
  ],
  "or-gemma-3-27b": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "or-gemma-4-26b": ["gemini-flash-latest"],
  "or-gemma-4-31b": ["gemini-flash-latest"],
  "or-glm-4.5-air": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "or-gpt-oss-120b": [
    "mistral-small",
    "or-nemotron-120b",
    "or-minimax-m2.5",
    "gemini-flash-latest",
    "openai-o3",
    "openai-o3-mini"
  ],
  "or-gpt-oss-20b": [
    "mistral-small",
    "or-nemotron-120b",
    "or-minimax-m2.5",
    "gemini-flash-latest",
    "openai-o3",
    "openai-o3-mini"
  ],
  "or-hermes-3-405b": [
    "mistral-large",
    "or-qwen3-80b",
    "cohere-command-a",
    "gemini-flash-latest",
    "anthropic-claude-sonnet-4"
  ],
  "or-hy3-preview": ["gemini-flash-latest"],
  "or-ling-flash": ["gemini-flash-latest"],
  "or-llama-3.2-3b": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "or-llama-3.3-70b": [
    "mistral-large",
    "or-qwen3-80b",
    "cohere-command-a",
    "gemini-flash-latest",
    "anthropic-claude-sonnet-4"
  ],
  "or-minimax-m2.5": [
    "mistral-small",
    "or-nemotron-120b",
    "gemini-flash-latest",
    "openai-o3",
    "openai-o3-mini"
  ],
  "or-nemotron-nano-30b": ["gemini-flash-latest"],
  "or-nemotron-nano-9b": [
    "gemini-flash-latest",
    "mistral-large",
    "or-qwen3-80b",
    "anthropic-claude-sonnet-4"
  ],
  "or-ring-1t": ["gemini-flash-latest"],
  "ovh-gpt-oss-120b": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "ovh-gpt-oss-20b": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "ovh-llama-3.3-70b": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "ovh-qwen3-coder-30b": ["gemini-flash-latest"],
  "ovh-qwen3.5-397b": ["gemini-flash-latest"],
  "pibox-zai-glm-4.5-air": ["gemini-flash-latest", "pibox-zai-glm-4.7", "claudebox-sonnet"],
  "pollinations-gpt-oss-20b": [
    "gemini-flash-latest",
    "mistral-large",
    "or-qwen3-80b",
    "anthropic-claude-sonnet-4"
  ],
  "qwen-plus": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "reka-edge": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "reka-flash-3": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "sambanova-deepseek-v3.2": [
    "gemini-flash-latest",
    "mistral-large",
    "or-qwen3-80b",
    "anthropic-claude-sonnet-4"
  ],
  "sambanova-gpt-oss-120b": [
    "gemini-flash-latest",
    "mistral-large",
    "or-qwen3-80b",
    "anthropic-claude-sonnet-4"
  ],
  "sambanova-llama-3.3-70b": [
    "gemini-flash-latest",
    "mistral-large",
    "or-qwen3-80b",
    "anthropic-claude-sonnet-4"
  ],
  "siliconflow-qwen3-8b": [
    "gemini-flash-latest",
    "mistral-large",
    "or-qwen3-80b",
    "anthropic-claude-sonnet-4"
  ],
  "together-llama-3-8b-lite": [
    "gemini-flash-latest",
    "mistral-large",
    "or-qwen3-80b",
    "anthropic-claude-sonnet-4"
  ],
  "together-llama-3.3-70b": [
    "gemini-flash-latest",
    "mistral-large",
    "or-qwen3-80b",
    "anthropic-claude-sonnet-4"
  ],
  "xai-grok-3-mini": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "xai-grok-4": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b"],
  "zai-glm-4.5": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "zai-glm-4.5-flash": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "zai-glm-4.7-flash": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b"],
  "zen-big-pickle": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "zen-deepseek-v4-flash": [
    "gemini-flash-latest",
    "mistral-large",
    "or-qwen3-80b",
    "anthropic-claude-sonnet-4"
  ],
  "zen-nemotron-3-super": [
    "gemini-flash-latest",
    "mistral-large",
    "or-qwen3-80b",
    "anthropic-claude-sonnet-4"
  ],
  "zhipu-glm-4.5": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b", "anthropic-claude-sonnet-4"],
  "zhipu-glm-4.5-flash": [
    "gemini-flash-latest",
    "mistral-large",
    "or-qwen3-80b",
    "anthropic-claude-sonnet-4"
  ],
  "zhipu-glm-4.7-flash": ["gemini-flash-latest", "mistral-large", "or-qwen3-80b"]
} as const satisfies Partial<
  Record<ModelAlias, readonly ModelAlias[]>
>;
