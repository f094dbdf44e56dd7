/** Control routes of a lab in a process of its own: for use by hand, and for the demo. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Gate } from "./gate.ts";
import { asList, asObject, type JsonObject } from "./json.ts";
import { OptionError } from "./json-options.ts";
import { parseJson } from "./lab-request.ts";
import type { RecordedRequest } from "./record.ts";
import { behaviourFrom, FACTORIES } from "./registry.ts";
import type { Behaviour } from "./step.ts";

/** What the control routes drive. */
export interface Controls {
  readonly requests: readonly RecordedRequest[];
  behave(model: string, behaviour: Behaviour): void;
  script(model: string, behaviours: readonly Behaviour[]): void;
  gate(name: string): Gate;
  reset(): void;
}

const SECRET = new Set(["authorization", "x-api-key", "x-goog-api-key", "cookie", "proxy-authorization"]);

/**
 * `POST /lab/behave {"model","behaviour","options"}`, `POST /lab/script {"model","behaviours":[…]}`,
 * `POST /lab/open {"gate"}`, `POST /lab/pass {"gate","count"}`, `POST /lab/reset`, `GET /lab/requests`,
 * `GET /lab/behaviours`. Errors: 400 with a message in `{"error"}`, 404.
 */
export async function handleControl(
  lab: Controls,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  const { status, body } = answer(lab, `${request.method} ${request.url}`, Buffer.concat(chunks));
  response.writeHead(status, { "content-type": "application/json" });
  response.end(`${JSON.stringify(body, undefined, 2)}\n`);
}

function answer(lab: Controls, route: string, bytes: Buffer): { status: number; body: JsonObject } {
  try {
    const parsed = bytes.length === 0 ? {} : parseJson(bytes);
    if (parsed === undefined) throw new OptionError("the body is not JSON");
    const done = act(lab, route, asObject(parsed));
    return done === undefined
      ? { status: 404, body: { error: `no such route: ${route}` } }
      : { status: 200, body: done };
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    return { status: 400, body: { error: error.message } };
  }
}

function act(lab: Controls, route: string, body: JsonObject): JsonObject | undefined {
  const gate = (name: string) => lab.gate(name);
  switch (route) {
    case "POST /lab/behave": {
      const model = textOf(body, "model");
      const behaviour = behaviourFrom(body, gate);
      lab.behave(model, behaviour);
      return { model, behaviour: behaviour.name };
    }
    case "POST /lab/script": {
      const model = textOf(body, "model");
      const behaviours = asList(body.behaviours).map((spec) => behaviourFrom(spec, gate));
      if (behaviours.length === 0) throw new OptionError('"behaviours" must be a list that is not empty');
      lab.script(model, behaviours);
      return { model, behaviours: behaviours.map(({ name }) => name) };
    }
    case "POST /lab/open":
      lab.gate(textOf(body, "gate")).open();
      return { ok: true };
    case "POST /lab/pass":
      lab.gate(textOf(body, "gate")).pass(typeof body.count === "number" ? body.count : 1);
      return { ok: true };
    case "POST /lab/reset":
      lab.reset();
      return { ok: true };
    case "GET /lab/requests":
      return { requests: lab.requests.map(described) };
    case "GET /lab/behaviours":
      return { behaviours: Object.keys(FACTORIES) };
    default:
      return undefined;
  }
}

function textOf(body: JsonObject, name: string): string {
  const value = body[name];
  if (typeof value !== "string" || value === "") throw new OptionError(`"${name}" must be text`);
  return value;
}

/** Without the raw bytes and keys: real clients are used with the lab too. */
function described(record: RecordedRequest): JsonObject {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(record.headers)) {
    headers[name] = SECRET.has(name) ? "(hidden)" : String(value);
  }
  const { seq, method, path, model, stream, behaviour, connection, startedAtMs, bytesWritten, outcome } =
    record;
  const { status, abortedAtMs, finishedAtMs, body } = record;
  return {
    ...{ seq, method, path, model, stream, behaviour, outcome, status, connection, bytesWritten },
    ...{ startedAtMs, abortedAtMs, finishedAtMs, headers, body },
  };
}
