/**
 * The exchanges in providers/<id>/fixtures, which prove a fragment's claims: each error rule by a body that it matches,
 * each departure from the wire by a request and what is sent in its place. A new provider needs no line here.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { classify } from "@headgate/adapter-kit";
import {
  type Catalog,
  type CatalogProvider,
  combineDialects,
  type ErrorRule,
  rulesFor,
} from "@headgate/contract";
import { type Lab, startLab } from "@headgate/upstream-lab";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startGateway, type TestGateway } from "./support/gateway.ts";

interface ErrorExchange {
  /** `recorded`: captured; `documented`: in the provider's docs; `reported`: by users; `sketched`: from the rule. */
  readonly basis: "recorded" | "documented" | "reported" | "sketched";
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly class: string;
}

interface RequestExchange {
  readonly why: string;
  /** A client's chat completion request. */
  readonly asked: Readonly<Record<string, unknown>> & { readonly model: string };
  readonly sent: unknown;
  readonly dropped: readonly string[];
}

interface Exchanges {
  readonly requests?: readonly RequestExchange[];
  readonly errors?: readonly ErrorExchange[];
}

const closed = (required: Record<string, unknown>, optional: Record<string, unknown> = {}) => ({
  type: "object",
  required: Object.keys(required),
  properties: { ...required, ...optional },
  additionalProperties: false,
});
const validate = new Ajv2020({ allErrors: true }).compile(
  closed(
    {},
    {
      requests: {
        type: "array",
        minItems: 1,
        items: closed({
          why: { type: "string", minLength: 1 },
          asked: { type: "object", required: ["model", "messages"] },
          sent: { type: "object" },
          dropped: { type: "array", items: { type: "string" } },
        }),
      },
      errors: {
        type: "array",
        minItems: 1,
        items: closed(
          {
            basis: { enum: ["recorded", "documented", "reported", "sketched"] },
            status: { type: "integer", minimum: 200, maximum: 599 },
            body: {},
            class: { type: "string" },
          },
          { headers: { type: "object", propertyNames: { pattern: "^[a-z0-9-]+$" } } },
        ),
      },
    },
  ),
);

const fileOf = (id: string): string => `providers/${id}/fixtures/exchanges.json`;
const { providers } = JSON.parse(readFileSync("generated/catalog.json", "utf8")) as Catalog;

function exchangesOf({ id }: CatalogProvider): Exchanges {
  if (!existsSync(fileOf(id))) return {};
  const found: unknown = JSON.parse(readFileSync(fileOf(id), "utf8"));
  if (!validate(found)) throw new Error(`${fileOf(id)}: ${JSON.stringify(validate.errors)}`);
  return found as Exchanges;
}

function classOf({ status, headers = {}, body }: ErrorExchange, rules: readonly ErrorRule[]): string {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return classify({ status, headers, body: text }, rules, 0).class;
}

/** Whether this one rule decides: no other rule gives the body the same class. */
function decides(rule: ErrorRule, exchange: ErrorExchange): boolean {
  const marked = classOf(exchange, []) === "timeout" ? "network" : "timeout";
  return classOf(exchange, [{ ...rule, class: marked }]) === marked;
}

const withRules = providers.filter(({ errors }) => errors.length > 0);

describe.each(withRules.map((provider) => [provider.id, provider] as const))("%s", (id, provider) => {
  const { errors = [] } = exchangesOf(provider);

  it.each(errors.map((exchange) => [exchange.status, exchange.class, exchange] as const))(
    "classifies its %d as %s",
    (_, expected, exchange) => {
      expect(classOf(exchange, provider.errors)).toBe(expected);
    },
  );

  it("proves each of its error rules with a body that no earlier rule matches", () => {
    const first = errors.map((exchange) => provider.errors.findIndex((rule) => decides(rule, exchange)));
    const unproven = provider.errors.filter((_, at) => !first.includes(at));
    expect(unproven, `write an exchange for each into ${fileOf(id)}`).toEqual([]);
  });
});

describe("a provider's dialect, applied to a request", () => {
  const requests = providers.flatMap((provider) =>
    (exchangesOf(provider).requests ?? []).map((exchange) => ({ provider, exchange })),
  );
  let lab: Lab;
  let gateway: TestGateway;
  const nameOf = (at: number): string => `exchange-${at}`;

  beforeAll(async () => {
    lab = await startLab();
    const bases: Readonly<Record<string, string>> = {
      anthropic: lab.url,
      cohere: `${lab.url}/v2`,
      gemini: `${lab.url}/v1beta`,
      ollama: lab.url,
    };
    gateway = await startGateway(
      requests.map(({ provider: { id, adapter, dialect, modelDialects = [], headers }, exchange }, at) => ({
        id: `${id}-${at}`,
        adapter,
        baseUrl: bases[adapter] ?? lab.baseUrl,
        dialect: combineDialects(rulesFor(modelDialects, exchange.asked.model), {}, dialect),
        headers,
        models: [{ alias: nameOf(at), upstream: exchange.asked.model }],
      })),
    );
  });
  afterAll(async () => {
    await gateway.close();
    await lab.close();
  });

  it.each(requests.map(({ provider, exchange }, at) => [provider.id, exchange.why, exchange, at] as const))(
    "%s: %s",
    async (_, __, { asked, sent, dropped }, at) => {
      const response = await gateway.chat({ ...asked, model: nameOf(at) });
      expect(await response.text()).not.toContain('"error"');
      expect(lab.requests.at(-1)?.body).toEqual(sent);
      expect(response.headers.get("x-headgate-dropped-params")?.split(",") ?? []).toEqual(dropped);
    },
  );

  it("has an exchange for every provider that departs from its wire", () => {
    const quirky = providers.filter(
      ({ dialect: { drop, rename, stripToolSchema, ...rest }, modelDialects = [] }) =>
        drop.length + Object.keys(rename).length + stripToolSchema.length + Object.keys(rest).length > 0 ||
        modelDialects.length > 0,
    );
    const shown = new Set(requests.map(({ provider }) => provider.id));
    expect(quirky.filter(({ id }) => !shown.has(id)).map(({ id }) => fileOf(id))).toEqual([]);
  });
});

it("the exchanges contain no key, and every file is read", () => {
  for (const { id } of providers) {
    if (!existsSync(`providers/${id}/fixtures`)) continue;
    expect(readdirSync(`providers/${id}/fixtures`)).toEqual(["exchanges.json"]);
    expect(readFileSync(fileOf(id), "utf8")).not.toMatch(
      /\b(sk|gsk|hf|pk|nvapi|xai|csk|tgp|key)[-_][A-Za-z0-9_-]{12,}|AIza[0-9A-Za-z_-]{20,}|Bearer \S{8,}/,
    );
  }
});
