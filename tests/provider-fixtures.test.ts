/**
 * The exchanges in providers/<id>/fixtures, which prove a fragment's claims: each error rule by a body that it matches,
 * each departure from the wire by a request and what is sent in its place. A new provider needs no line here. The compiler
 * reports what is missing, and what is not of the schema's form.
 */
import { existsSync, readFileSync } from "node:fs";
import { classify } from "@headgate/adapter-kit";
import {
  type Catalog,
  type CatalogProvider,
  combineDialects,
  type ErrorRule,
  type Exchanges,
  rulesFor,
} from "@headgate/contract";
import { type Lab, startLab } from "@headgate/upstream-lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startGateway, type TestGateway } from "./support/gateway.ts";

type ErrorExchange = NonNullable<Exchanges["errors"]>[number];

const fileOf = (id: string): string => `providers/${id}/fixtures/exchanges.json`;
const { providers } = JSON.parse(readFileSync("generated/catalog.json", "utf8")) as Catalog;

const exchangesOf = ({ id }: CatalogProvider): Exchanges =>
  existsSync(fileOf(id)) ? (JSON.parse(readFileSync(fileOf(id), "utf8")) as Exchanges) : {};

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
      requests.map(
        ({ provider: { id, adapter, dialect, modelDialects = [], headers, models }, exchange }, at) => ({
          id: `${id}-${at}`,
          adapter,
          baseUrl: bases[adapter] ?? lab.baseUrl,
          dialect:
            models.find(({ upstream }) => upstream === exchange.asked.model)?.dialect ??
            combineDialects(rulesFor(modelDialects, exchange.asked.model), {}, dialect),
          headers,
          models: [{ alias: nameOf(at), upstream: exchange.asked.model }],
        }),
      ),
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
});
