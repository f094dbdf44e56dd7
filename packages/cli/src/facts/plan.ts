/** Which calls check a provider's facts, within a bound of requests and of money. */
import type { CatalogModel, CatalogProvider, Deployment, Dialect } from "@headgate/contract";
import type { FactCall } from "@headgate/runtime/verify-facts";

export interface Planned {
  readonly calls: readonly FactCall[];
  /** The most that they cost, in dollars. */
  readonly usd: number;
  /** Checks that are not made, and why, by alias and check. */
  readonly left: readonly {
    readonly alias: string;
    readonly check: FactCall["check"];
    readonly why: string;
  }[];
}

export interface PlanInput {
  readonly provider: CatalogProvider;
  readonly deployments: readonly Deployment[];
  /** The most requests. */
  readonly maxCalls: number;
  /** The most dollars. */
  readonly spendUsd: number;
  /** Checks that an earlier run made, as `checkId` names them. */
  readonly done: ReadonlySet<string>;
}

/** The prompts of the checks, in tokens, with room. */
const PROMPT_TOKENS = 200;
/** Where neither the longest answer nor the window is stated. */
const UNSTATED_TOKENS = 8_192;
/** Tries of a field that the fragment leaves out: one for each field, at the first models that have it. */
const MAX_FIELDS = 6;

export const checkId = ({ alias, check, field }: { alias: string; check: string; field?: string }): string =>
  `${alias} ${check}${field === undefined ? "" : ` ${field}`}`;

export function planCalls({ provider, deployments, maxCalls, spendUsd, done }: PlanInput): Planned {
  const chats = provider.models.flatMap((model) => {
    const deployment = deployments.find(({ alias }) => alias === model.alias);
    const tried = model.operation === "chat" && model.served && model.retired === undefined;
    return deployment === undefined || !tried ? [] : [{ model, deployment }];
  });
  const fields = new Set<string>();
  const wanted = [
    ...chats.map((one) => callOf(one, "answer")),
    ...chats.slice(0, 1).map((one) => callOf(one, "unknown")),
    ...chats.map((one) => callOf(one, "tools")),
    ...chats.map((one) => callOf(one, "long")),
    ...chats.flatMap((one) => {
      const field = dropsOf(one.deployment.dialect ?? provider.dialect).find((name) => !fields.has(name));
      if (field === undefined || fields.size >= MAX_FIELDS) return [];
      fields.add(field);
      return [{ model: one.model, call: { deployment: one.deployment, check: "refused" as const, field } }];
    }),
  ];
  const calls: FactCall[] = [];
  const left: { alias: string; check: FactCall["check"]; why: string }[] = [];
  let usd = 0;
  for (const { model, call } of wanted) {
    const { alias } = model;
    const { check } = call;
    if (done.has(checkId({ alias, ...call }))) continue;
    const cost = costOf(model, call);
    if (cost === undefined) left.push({ alias, check, why: "its price is not known" });
    else if (usd + cost > spendUsd)
      left.push({
        alias,
        check,
        why: `it may cost ${dollars(cost)}, and --spend allows ${dollars(spendUsd)}`,
      });
    else if (calls.length >= maxCalls)
      left.push({ alias, check, why: `--calls allows ${maxCalls} requests` });
    else {
      calls.push(call);
      usd += cost;
    }
  }
  return { calls, usd, left };
}

export const dollars = (usd: number): string => `$${Number(usd.toFixed(4))}`;

function callOf(
  { model, deployment }: { readonly model: CatalogModel; readonly deployment: Deployment },
  check: "answer" | "unknown" | "tools" | "long",
): { readonly model: CatalogModel; readonly call: FactCall } {
  if (check !== "long") return { model, call: { deployment, check } };
  const longest = model.maxOutputTokens ?? model.contextTokens ?? UNSTATED_TOKENS;
  return { model, call: { deployment, check, tokens: longest + 1 } };
}

const dropsOf = ({ drop }: Dialect): readonly string[] => drop;

/** The most that a call costs; undefined where that is unknown. */
function costOf(model: CatalogModel, { check, tokens }: FactCall): number | undefined {
  if (model.tier !== "paid" || check === "unknown") return 0;
  const { input, output = 0 } = model.price ?? {};
  if (input === undefined) return undefined;
  // A provider that takes the over-long field may answer at that length.
  const answer = tokens ?? (check === "tools" ? 256 : 16);
  return (PROMPT_TOKENS * input + answer * output) / 1e6;
}
