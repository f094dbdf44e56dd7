/** Reads one line of OpenAI's batch files. https://platform.openai.com/docs/api-reference/batch/request-input */
import { isObject } from "@headgate/adapter-kit";
import type { BatchProblem, JsonObject, JsonValue, NewLine } from "@headgate/contract";

export const ENDPOINTS: readonly string[] = [
  "/v1/chat/completions",
  "/v1/embeddings",
  "/v1/completions",
  "/v1/responses",
  "/v1/moderations",
  "/v1/rerank",
];

const MAX_ID_CHARS = 512;

export interface LineRules {
  readonly endpoint: string;
  /** Why the client may not use a model here; undefined: it may. */
  readonly refused: (model: string) => string | undefined;
}

/** Checks lines one after the other: ids must differ. */
export class LineChecker {
  readonly #rules: LineRules;
  readonly #ids = new Map<string, number>();

  constructor(rules: LineRules) {
    this.#rules = rules;
  }

  check(value: JsonValue, line: number): NewLine {
    const id = isObject(value) && typeof value.custom_id === "string" ? value.custom_id : "";
    const problem = this.#problem(value, id, line);
    const body = isObject(value) && isObject(value.body) ? value.body : {};
    return {
      customId: id,
      body: JSON.stringify(body),
      ...(problem === undefined ? {} : { problem: { line, ...problem } }),
    };
  }

  #problem(value: JsonValue, id: string, line: number): Omit<BatchProblem, "line"> | undefined {
    if (!isObject(value)) return told(line, "invalid_json_line", "it is no JSON object");
    if (id === "" || id.length > MAX_ID_CHARS)
      return told(
        line,
        "missing_required_parameter",
        `\`custom_id\` must be a text of 1 to ${MAX_ID_CHARS} characters`,
        "custom_id",
      );
    const before = this.#ids.get(id);
    if (before !== undefined)
      return told(
        line,
        "duplicate_custom_id",
        `line ${before} has the \`custom_id\` ${JSON.stringify(id)} too`,
        "custom_id",
      );
    this.#ids.set(id, line);
    const { method = "POST", url, body } = value;
    const { endpoint, refused } = this.#rules;
    if (method !== "POST") return told(line, "invalid_method", "`method` must be POST", "method");
    if (url !== undefined && url !== endpoint)
      return told(line, "mismatched_endpoint", `\`url\` must be ${endpoint}, as in the batch`, "url");
    if (!isObject(body)) return told(line, "missing_required_parameter", "`body` must be an object", "body");
    return bodyProblem(body, line, refused);
  }
}

export function bodyProblem(
  { model, stream }: JsonObject,
  line: number,
  refused: LineRules["refused"],
): Omit<BatchProblem, "line"> | undefined {
  if (typeof model !== "string" || model === "")
    return told(line, "missing_required_parameter", "`body.model` must be a model's name", "body.model");
  if (stream === true)
    return told(line, "invalid_request", "`stream` must not be true in a batch", "body.stream");
  const why = refused(model);
  return why === undefined
    ? undefined
    : { code: "model_not_found", param: "body.model", message: `Line ${line} cannot be run: ${why}` };
}

const told = (line: number, code: string, why: string, param?: string): Omit<BatchProblem, "line"> => ({
  code,
  message: `Line ${line} cannot be run: ${why}.`,
  ...(param === undefined ? {} : { param }),
});
