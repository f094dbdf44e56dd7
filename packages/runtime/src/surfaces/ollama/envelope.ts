/** Ollama's errors: `{"error":"text"}`. */
import type { ClientError } from "../../http/client-error.ts";
import { errorHeaders } from "../openai/envelope.ts";
import type { Envelope } from "../surface.ts";

const KEYLESS =
  "With HEADGATE_OLLAMA_NOKEY=1 programs on this machine, such as Ollama's own CLI, need none on these routes.";

function worded({ code, message }: ClientError): string {
  // Ollama's clients look for these words before they pull a model.
  if (code === "model_not_found") return `model not found: ${message}`;
  return code === "missing_api_key" ? `${message} ${KEYLESS}` : message;
}

export const OLLAMA_ENVELOPE: Envelope = {
  surface: "ollama",
  body: (error) => JSON.stringify({ error: worded(error) }),
  headers: errorHeaders,
};

/** The last line of a stream that broke: clients throw on it. */
export const errorLine = (error: ClientError): Buffer =>
  Buffer.from(`${JSON.stringify({ error: error.message })}\n`);
