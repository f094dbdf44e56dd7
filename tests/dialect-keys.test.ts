/**
 * What an exchange says to prove is proven: without each rule of `proves` its request is sent otherwise. That each rule of the
 * catalogue's dialects has such an exchange is a lint (HG371); docs/dialects.md lists them.
 */
import { existsSync, readFileSync } from "node:fs";
import {
  type Catalog,
  type CatalogProvider,
  combineDialects,
  type Dialect,
  type Exchanges,
  rulesFor,
} from "@headgate/contract";
import { type Lab, startLab } from "@headgate/upstream-lab";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startGateway, type TestGateway } from "./support/gateway.ts";

type Exchange = NonNullable<Exchanges["requests"]>[number];

/** An exchange without one rule of its dialect. */
interface Trial {
  readonly provider: string;
  readonly rule: string;
  readonly exchange: Exchange;
  readonly dialect: Dialect;
  readonly adapter: string;
}

const EMPTY: Partial<Dialect> = { drop: [], rename: {}, stripToolSchema: [] };

const { providers } = JSON.parse(readFileSync("generated/catalog.json", "utf8")) as Catalog;

function exchangesOf(id: string): readonly Exchange[] {
  const path = `providers/${id}/fixtures/exchanges.json`;
  if (!existsSync(path)) return [];
  return (JSON.parse(readFileSync(path, "utf8")) as Exchanges).requests ?? [];
}

function trialsOf({ id, adapter, dialect, modelDialects = [], models }: CatalogProvider): Trial[] {
  return exchangesOf(id).flatMap((exchange) =>
    (exchange.proves ?? []).map((rule): Trial => {
      const { model } = exchange.asked;
      const whole =
        models.find(({ upstream }) => upstream === model)?.dialect ??
        combineDialects(rulesFor(modelDialects, model), {}, dialect);
      const { [rule === "strip_tool_schema" ? "stripToolSchema" : rule]: _, ...rest } = whole;
      return { provider: id, rule, exchange, adapter, dialect: { ...EMPTY, ...rest } as Dialect };
    }),
  );
}

const trials = providers.flatMap(trialsOf);
let lab: Lab;
let gateway: TestGateway;
const nameOf = (at: number): string => `trial-${at}`;

beforeAll(async () => {
  lab = await startLab();
  const bases: Readonly<Record<string, string>> = {
    anthropic: lab.url,
    cohere: `${lab.url}/v2`,
    gemini: `${lab.url}/v1beta`,
  };
  gateway = await startGateway(
    trials.map(({ adapter, dialect, exchange }, at) => ({
      id: `p-${at}`,
      adapter,
      baseUrl: bases[adapter] ?? lab.baseUrl,
      dialect,
      models: [{ alias: nameOf(at), upstream: exchange.asked.model }],
    })),
  );
});
afterAll(async () => {
  await gateway.close();
  await lab.close();
});

/** Whether the exchange is sent otherwise, or not at all. */
async function isRed({ exchange }: Trial, at: number): Promise<boolean> {
  const before = lab.requests.length;
  const response = await gateway.chat({ ...exchange.asked, model: nameOf(at) });
  await response.arrayBuffer();
  if (lab.requests.length === before) return true;
  const dropped = response.headers.get("x-headgate-dropped-params")?.split(",") ?? [];
  const { body } = lab.requests.at(-1) ?? {};
  return JSON.stringify([body, dropped]) !== JSON.stringify([exchange.sent, exchange.dropped]);
}

it("each rule that an exchange proves changes what is sent", async () => {
  const idle: string[] = [];
  for (const [at, trial] of trials.entries())
    if (!(await isRed(trial, at)))
      idle.push(`providers/${trial.provider}/fixtures/exchanges.json: ${trial.exchange.why}: ${trial.rule}`);
  expect(idle, "take the rule out of `proves`, or write a request that needs it").toEqual([]);
  expect(trials.length).toBeGreaterThan(150);
});
