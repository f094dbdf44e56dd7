/** What clients may speak. */
import type { Surface } from "../codec/surface-request.ts";
import { anthropic } from "./anthropic/index.ts";
import { gemini } from "./gemini/index.ts";
import { ollama } from "./ollama/index.ts";
import { openAi } from "./openai/index.ts";

export const SURFACES: readonly Surface[] = [anthropic, openAi, ollama, gemini];
