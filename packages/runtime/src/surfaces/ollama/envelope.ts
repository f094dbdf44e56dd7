/** Ollama's errors: `{"error":"text"}`. */
import type { ClientError } from "../../http/client-error.ts";
import { errorHeaders } from "../openai/envelope.ts";
import type { Envelope } from "../surface.ts";

/** Ollama's clients look for these words before they pull a model. */
const worded = ({ code, message }: ClientError): string =>
  code === "model_not_found" ? `model not found: ${message}` : message;

export const OLLAMA_ENVELOPE: Envelope = {
  body: (error) => JSON.stringify({ error: worded(error) }),
  headers: errorHeaders,
};

/** The last line of a stream that broke: clients throw on it. */
export const errorLine = (error: ClientError): Buffer =>
  Buffer.from(`${JSON.stringify({ error: error.message })}\n`);
