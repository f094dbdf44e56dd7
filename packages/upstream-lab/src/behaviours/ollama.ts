/** Behaviours of Ollama alone. https://docs.ollama.com/api/errors */
import { type Behaviour, behaviour } from "../step.ts";
import { answerJson } from "./status.ts";
import { cleanTruncation, errorFrame } from "./stream.ts";

/** 503 when its queue is full. */
export function ollamaBusy(): Behaviour {
  const error = "server busy, please try again.  maximum pending requests exceeded";
  return behaviour("ollamaBusy", () => answerJson(503, { error }));
}

/** 500 when the model does not fit into memory. */
export function ollamaOutOfMemory(): Behaviour {
  const error = "model requires more system memory (5.6 GiB) than is available (3.1 GiB)";
  return behaviour("ollamaOutOfMemory", () => answerJson(500, { error }));
}

/** 404 for a model that was not pulled. */
export function ollamaMissingModel(): Behaviour {
  return behaviour("ollamaMissingModel", (request) =>
    answerJson(404, { error: `model "${request.model}" not found, try pulling it first` }),
  );
}

/** An `{"error"}` line inside a 200, after a number of content lines (default 1). */
export function ollamaErrorLine(
  options: { readonly after?: number | undefined; readonly message?: string | undefined } = {},
): Behaviour {
  const { after, message = "an error was encountered while running the model: CUDA error: out of memory" } =
    options;
  return behaviour("ollamaErrorLine", (request) => errorFrame({ after, message }).plan(request));
}

/** The stream ends cleanly without a line that has `done`: the runner crashed. */
export function ollamaCut(options: { readonly after?: number | undefined } = {}): Behaviour {
  return behaviour("ollamaCut", (request) => cleanTruncation(options).plan(request));
}
