/** The OpenAPI documents beside a real gateway: every route is in one, and every answer has the shape that it states. */
import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Lab, startLab, status } from "@headgate/upstream-lab";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clientKeyOf, makeRoot, type Running, removeRoot, startServe } from "../support/serve.ts";

let lab: Lab;
let root: string;
let running: Running;
let key: string;

type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: object }>>>>;
};
let documents: { readonly admin: Document; readonly v1: Document };
const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });
const seen = new Set<string>();
/** Where an answer departs from its schema. */
const wrong: string[] = [];

async function call(method: string, path: string, body?: object): Promise<{ status: number; json: unknown }> {
  const response = await fetch(`${running.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, json: text === "" ? undefined : JSON.parse(text) };
}

const escaped = (part: string): string =>
  encodeURIComponent(part.replaceAll("~", "~0").replaceAll("/", "~1"));

/** @param at the path as the document names it, where it holds a parameter */
async function check(
  name: keyof typeof documents,
  method: string,
  path: string,
  { at = path.split("?")[0] ?? "", body }: { readonly at?: string; readonly body?: object } = {},
): Promise<unknown> {
  const { status: code, json } = await call(method, path, body);
  const verb = method.toLowerCase();
  const responses = documents[name].paths[at]?.[verb]?.responses as
    | Record<string, { content?: object }>
    | undefined;
  if (responses === undefined) throw new Error(`${method} ${at} is in no document`);
  const stated = code >= 400 ? "default" : String(code);
  expect(Object.keys(responses), `${method} ${path} answered ${code}: ${JSON.stringify(json)}`).toContain(
    stated,
  );
  seen.add(`${verb} ${at}`);
  if (responses[stated]?.content === undefined) return json;
  const validate = ajv.compile({
    $ref: `${name}#/paths/${escaped(at)}/${verb}/responses/${stated}/content/application~1json/schema`,
  });
  validate(json);
  for (const { instancePath, message, params } of validate.errors ?? [])
    wrong.push(`${method} ${path}: ${instancePath} ${message} ${JSON.stringify(params)}`);
  return json;
}

beforeAll(async () => {
  lab = await startLab();
  root = makeRoot();
  writeFileSync(
    join(root, ".env"),
    `DEMO=1\nGROQ=1\nGROQ_API_KEY=test-key\nGROQ_BASE_URL=${lab.baseUrl}\nCEREBRAS=1\nHEADGATE_SPEND_LIMIT=5usd/day\n`,
  );
  running = await startServe(root, [], { HEADGATE_PAGE: "on" });
  key = clientKeyOf(root);
  documents = {
    admin: (await call("GET", "/admin/openapi.json")).json as Document,
    v1: (await call("GET", "/openapi.json")).json as Document,
  };
  for (const [name, document] of Object.entries(documents)) ajv.addSchema(document, name);
}, 60_000);
afterAll(async () => {
  running.child.kill("SIGKILL");
  await running.exited;
  await lab.close();
  removeRoot(root);
});

const MESSAGES = [{ role: "user", content: "Hello" }];

it("clients' answers have the shapes of /openapi.json", async () => {
  await check("v1", "GET", "/v1/models");
  await check("v1", "GET", "/v1/models/demo", { at: "/v1/models/{id}" });
  await check("v1", "GET", "/v1/models/none", { at: "/v1/models/{id}" });
  await check("v1", "GET", "/v1/model/info");
  await check("v1", "GET", "/v1/quota");
  await check("v1", "POST", "/v1/chat/completions", {
    body: { model: "groq-llama-3.3-70b", messages: MESSAGES },
  });
  await check("v1", "POST", "/v1/chat/completions", { body: { messages: MESSAGES } });
  const message = { model: "demo", messages: MESSAGES, max_tokens: 20 };
  await check("v1", "POST", "/v1/messages", { body: message });
  await check("v1", "POST", "/v1/messages/count_tokens", { body: message });
  const stored = (await check("v1", "POST", "/v1/responses", {
    body: { model: "demo", input: "Hello" },
  })) as { id: string };
  await check("v1", "GET", `/v1/responses/${stored.id}`, { at: "/v1/responses/{id}" });
  await check("v1", "GET", `/v1/responses/${stored.id}/input_items`, {
    at: "/v1/responses/{id}/input_items",
  });
  await check("v1", "POST", "/v1/responses/input_tokens", { body: { model: "demo", input: "Hello" } });
  await check("v1", "DELETE", `/v1/responses/${stored.id}`, { at: "/v1/responses/{id}" });
  await check("v1", "POST", "/v1/completions", { body: { model: "demo", prompt: "Hello" } });
  await check("v1", "GET", "/v1/audio/voices");
  expect(wrong).toEqual([]);
});

it("the admin routes' answers have the shapes of /admin/openapi.json", { timeout: 120_000 }, async () => {
  lab.behave("llama-3.1-8b-instant", status(429, { retryAfterS: 60 }));
  await call("POST", "/v1/chat/completions", { model: "groq-llama-3.1-8b", messages: MESSAGES });
  await call("POST", "/v1/chat/completions", { model: "none", messages: MESSAGES });
  for (const path of [
    "/admin/session",
    "/admin/status",
    "/admin/providers",
    "/admin/groups",
    "/admin/quota",
    "/admin/batch-forecast?model=groq-llama-3.3-70b&requests=10&input_tokens=10&output_tokens=10",
    "/admin/cooldowns",
    "/admin/models",
    "/admin/chains",
    "/admin/resources",
    "/admin/requests",
    "/admin/requests?rows=1",
    "/admin/requests?limit=0",
    "/admin/usage",
    "/admin/usage?by=model",
    "/admin/explain?model=groq-llama-3.1-8b&needs=tools",
    "/admin/explain?model=auto",
    "/admin/explain?model=none",
    "/admin/openapi.json",
    "/admin/clients",
  ])
    await check("admin", "GET", path);
  const now = Date.now();
  await check(
    "admin",
    "GET",
    `/admin/usage/series?since=${now - 3_600_000}&until=${now}&step=minute&zone=Asia/Kolkata`,
  );
  const { rows } = (await call("GET", "/admin/requests?rows=1")).json as { rows: { id: string }[] };
  expect(rows.length).toBeGreaterThan(3);
  for (const { id } of rows)
    await check("admin", "GET", `/admin/requests/${id}`, { at: "/admin/requests/{id}" });
  await check("admin", "POST", "/admin/session/links");
  await check("admin", "POST", "/admin/session", { body: { key: "wrong" } });
  await check("admin", "DELETE", "/admin/session");
  await check("admin", "POST", "/admin/clear", { body: { name: "groq" } });
  for (const what of ["load", "evict", "pin", "unpin"])
    await check("admin", "POST", `/admin/resources/${what}`, { body: { model: "demo" } });
  await check("admin", "POST", "/admin/providers/groq/verify", { at: "/admin/providers/{id}/verify" });
  await check("admin", "POST", "/admin/providers/demo/verify", { at: "/admin/providers/{id}/verify" });

  const settings = (await check("admin", "GET", "/admin/settings")) as {
    overlay: { version: string };
    env: { version: string };
  };
  const env = { change: "env", version: settings.env.version, set: { GROQ: "0" }, preview: true };
  await check("admin", "POST", "/admin/settings", { body: env });
  await check("admin", "POST", "/admin/settings", { body: { ...env, version: "old" } });
  await check("admin", "POST", "/admin/settings", { body: { ...env, set: { GROQ: 1 } } });
  const chain = {
    change: "chain",
    kind: "chain",
    name: "groq-llama-3.3-70b",
    version: settings.overlay.version,
  };
  const unknown = await call("POST", "/admin/settings", { ...chain, members: ["no-such-model"] });
  expect(unknown).toMatchObject({ status: 422, json: { findings: [{ severity: "error" }] } });

  const issued = (await check("admin", "POST", "/admin/clients", { body: { name: "ci", rpm: 5 } })) as {
    id: string;
  };
  const at = "/admin/clients/{name}";
  await check("admin", "GET", "/admin/clients/ci", { at });
  await check("admin", "PATCH", "/admin/clients/ci", { at, body: { rpm: null, spend: "1usd/day" } });
  await check("admin", "POST", `/admin/clients/${issued.id}/rotate`, {
    at: `${at}/rotate`,
    body: { grace: "1h" },
  });
  await check("admin", "POST", "/admin/clients/ci/revoke", { at: `${at}/revoke`, body: {} });
  await check("admin", "POST", "/admin/master-key");
  expect(wrong).toEqual([]);
});

describe("every route", () => {
  it("of the sources is in a document, and every one of a document is in the sources", () => {
    const found = new Set<string>();
    for (const file of globSync("packages/runtime/src/{ops,surfaces/openai,surfaces/anthropic}/**/*.ts")) {
      const text = readFileSync(file, "utf8");
      for (const [, verb = "", path = ""] of text.matchAll(
        /app\.(get|post|patch|put|delete)(?:<[^(]*>)?\(\s*["`](\/(?:admin|v1)[^"`]*)/g,
      )) {
        const each = path.endsWith("}")
          ? ["load", "evict", "pin", "unpin"].map((what) => path.replace(/\$\{.*\}$/, what))
          : [path];
        for (const one of each)
          found.add(`${verb} ${one.replaceAll(/:(\w+)/g, "{$1}").replace(/\/\*$/, "/{id}")}`);
      }
    }
    // Forms are listed by their own table.
    for (const path of ["transcriptions", "translations"]) found.add(`post /v1/audio/${path}`);
    // A refusal that names the right method.
    found.delete("get /v1/responses");
    const stated = Object.values(documents).flatMap(({ paths }) =>
      Object.entries(paths).flatMap(([path, operations]) =>
        Object.keys(operations).map((verb) => `${verb} ${path}`),
      ),
    );
    expect([...found].sort()).toEqual(stated.toSorted());
  });

  it("of the admin document was asked above", () => {
    const stated = Object.entries(documents.admin.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((verb) => `${verb} ${path}`),
    );
    // Its answers are events: tests/page/live.test.ts.
    expect(stated.filter((operation) => !seen.has(operation))).toEqual(["get /admin/events"]);
  });
});
