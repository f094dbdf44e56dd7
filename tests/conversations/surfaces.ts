/** The writer of each surface. */
import type { SurfaceId } from "../support/matrix-surfaces.ts";
import { chat } from "./chat.ts";
import type { Writer } from "./conversation.ts";
import { gemini } from "./gemini.ts";
import { messages } from "./messages.ts";
import { ollama } from "./ollama.ts";
import { responses } from "./responses.ts";

export const WRITERS: Readonly<Record<SurfaceId, Writer>> = {
  openAiChat: chat,
  responses,
  messages,
  ollama,
  gemini,
};
