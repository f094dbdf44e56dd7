/**
 * Each rule of a provider's dialect is proven: without it one of the provider's exchanges is sent otherwise. The table of
 * proofs is committed; `npx vitest run tests/dialect-keys.test.ts -u` writes it anew.
 */
import { existsSync, readFileSync } from "node:fs";
import {
  type Catalog,
  type CatalogProvider,
  combineDialects,
  type Dialect,
  rulesFor,
} from "@headgate/contract";
import { type Lab, startLab } from "@headgate/upstream-lab";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startGateway, type TestGateway } from "./support/gateway.ts";

interface Exchange {
  readonly why: string;
  readonly asked: { readonly model: string };
  readonly sent: unknown;
  readonly dropped: readonly string[];
}

/** An exchange without one rule of its dialect. */
interface Trial {
  readonly provider: string;
  readonly key: string;
  /** The rule as text: providers of one profile share it, and one proof. */
  readonly rule: string;
  readonly exchange: Exchange;
  readonly dialect: Dialect;
  readonly adapter: string;
}

/** Not rules of what is sent: where it goes, and what a continuation and the answer are like. */
const OTHERWISE_PROVEN: ReadonlySet<string> = new Set([
  "chatPath",
  "responsesPath",
  "responsesFor",
  "prefill",
  "answers",
]);
/** Bounds whose exchange would be too long: unit tests of the message rules prove them. */
const LONG: ReadonlySet<string> = new Set(['tools {"max":128,"max_calls":128}']);
const EMPTY: Partial<Dialect> = { drop: [], rename: {}, stripToolSchema: [] };

const { providers } = JSON.parse(readFileSync("generated/catalog.json", "utf8")) as Catalog;

function exchangesOf(id: string): readonly Exchange[] {
  const path = `providers/${id}/fixtures/exchanges.json`;
  if (!existsSync(path)) return [];
  return (JSON.parse(readFileSync(path, "utf8")) as { requests?: Exchange[] }).requests ?? [];
}

const isRule = ([key, rule]: [string, unknown]): boolean =>
  !OTHERWISE_PROVEN.has(key) && Object.keys(rule as object).length > 0;

function trialsOf({ id, adapter, dialect, modelDialects = [] }: CatalogProvider): Trial[] {
  return exchangesOf(id).flatMap((exchange) => {
    const whole = combineDialects(rulesFor(modelDialects, exchange.asked.model), {}, dialect);
    return Object.entries(whole)
      .filter(isRule)
      .map(([key, value]): Trial => {
        const { [key as keyof Dialect]: _, ...rest } = whole;
        return {
          provider: id,
          key,
          rule: `${key} ${JSON.stringify(value)}`,
          exchange,
          adapter,
          dialect: { ...EMPTY, ...rest } as Dialect,
        };
      });
  });
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

it("no rule of a dialect can be taken away unseen", async () => {
  const proofs = new Map<string, { readonly providers: Set<string>; readonly key: string; why?: string }>();
  for (const [at, trial] of trials.entries()) {
    const proof = proofs.get(trial.rule) ?? { providers: new Set(), key: trial.key };
    proofs.set(trial.rule, proof);
    proof.providers.add(trial.provider);
    if (proof.why === undefined && (await isRed(trial, at)))
      proof.why = `${trial.provider}: ${trial.exchange.why}`;
  }
  const unproven = [...proofs].filter(([rule, { why }]) => why === undefined && !LONG.has(rule));
  expect(
    unproven.map(([rule, { providers: of }]) => `${rule} (${[...of].join(", ")})`),
    "write an exchange into the provider's fixtures that needs the rule",
  ).toEqual([]);
  const rows = [...proofs.values()].map(
    ({ providers: of, key, why }) =>
      `| ${key} | ${[...of].join(", ")} | ${why ?? "a bound, proven by unit tests"} |`,
  );
  const head = [
    "# Rules of dialects and their proofs",
    "",
    "Without the rule this exchange of a provider's fixtures is sent otherwise (`tests/dialect-keys.test.ts`). Providers whose rule",
    "is the same share its proof.",
    "",
    "| rule | providers | exchange |",
    "|---|---|---|",
  ];
  await expect([...head, ...rows.sort(), ""].join("\n")).toMatchFileSnapshot("../docs/dialects.md");
});
