/** Ollama's errors: `{"error":"text"}`. */
import type { ClientError } from "../../http/client-error.ts";
import { errorHeaders } from "../openai/envelope.ts";
import type { Envelope } from "../surface.ts";

export const OLLAMA_ENVELOPE: Envelope = {
  body: (error) => JSON.stringify({ error: error.message }),
  headers: errorHeaders,
};

/** The last line of a stream that broke: clients throw on it. */
export const errorLine = (error: ClientError): Buffer =>
  Buffer.from(`${JSON.stringify({ error: error.message })}\n`);
