/** The list of surfaces. */
import { anthropic } from "./anthropic/index.ts";
import { gemini } from "./gemini/index.ts";
import { ollama } from "./ollama/index.ts";
import { openAi } from "./openai/index.ts";
import type { Surface } from "./surface.ts";

export const SURFACES: readonly Surface[] = [anthropic, openAi, ollama, gemini];
