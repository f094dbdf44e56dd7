/** What a list and a few calls say of each fact of a fragment. Pure. */
import type { Capability, CatalogModel, CatalogProvider, Limit, LimitReading } from "@headgate/contract";
import type { Listing, Observation } from "@headgate/runtime/verify-facts";
import { compareFacts } from "../models/changed.ts";
import { statedLimits } from "./stated-limits.ts";

export type FactState = "confirmed" | "contradicted" | "not tested";

export interface Finding {
  readonly alias: string;
  readonly fact: string;
  readonly state: FactState;
  /** What the fragment states, and what was seen. */
  readonly stated?: string;
  readonly seen?: string;
  /** Why it was not tested, or what the provider says. */
  readonly why?: string;
}

/** What of a model's facts is to be edited. */
export interface FactEdit {
  readonly model: CatalogModel;
  readonly gone?: string;
  readonly contextTokens?: number;
  readonly maxOutputTokens?: number;
  readonly price?: NonNullable<Listing["models"][number]["rates"]>;
  readonly capabilities?: readonly Capability[];
}

export interface Findings {
  readonly findings: readonly Finding[];
  readonly edits: readonly FactEdit[];
  /** Fields that the provider refuses and the fragment does not leave out. */
  readonly refused: readonly string[];
}

export interface FindingsInput {
  readonly provider: CatalogProvider;
  /** Undefined: it could not be read. */
  readonly listing: Listing | undefined;
  readonly observations: readonly Observation[];
  /** Why a check was not made, by alias and check. */
  readonly left: readonly { readonly alias: string; readonly check: string; readonly why: string }[];
  /** Why the calls ended early. */
  readonly stopped: string | undefined;
}

type Facts = NonNullable<ReturnType<Map<string, Listing["models"][number]>["get"]>>;

export function findingsOf(input: FindingsInput): Findings {
  const { provider, listing, observations } = input;
  const listed = new Map<string, Facts>();
  for (const model of listing?.models ?? [])
    for (const name of [model.id, ...(model.alsoNamed ?? [])]) listed.set(name, model);
  const findings: Finding[] = [];
  const edits: FactEdit[] = [];
  for (const model of provider.models) {
    if (model.retired !== undefined) continue;
    const own = observations.filter(({ alias }) => alias === model.alias);
    const edit = modelFindings(model, { ...input, entry: listed.get(model.upstream), own }, findings);
    if (Object.keys(edit).length > 1) edits.push(edit);
  }
  const refused = [
    ...new Set(observations.flatMap((one) => one.refused).filter((field) => !field.includes("."))),
  ].filter((field) => !isOfOneModel(field, observations));
  for (const field of refused)
    findings.push({
      alias: provider.id,
      fact: `field ${field}`,
      state: "contradicted",
      stated: "sent",
      seen: "refused",
    });
  findings.push(...limitFindings(provider, observations), ...errorFindings(provider, observations));
  return { findings, edits, refused };
}

/** A field that another model of the provider took is no rule of the provider. */
const isOfOneModel = (field: string, observations: readonly Observation[]): boolean =>
  observations.some(
    ({ check, failure, refused }) => check === "answer" && failure === undefined && !refused.includes(field),
  );

interface ModelInput extends FindingsInput {
  readonly entry: Facts | undefined;
  readonly own: readonly Observation[];
}

function modelFindings(model: CatalogModel, input: ModelInput, findings: Finding[]): FactEdit {
  const { entry, own, listing } = input;
  const { alias, upstream } = model;
  const tell = (fact: string, state: FactState, more: Omit<Finding, "alias" | "fact" | "state"> = {}): void =>
    void findings.push({ alias, fact, state, ...more });
  const untested = (check: string): string =>
    input.left.find((one) => one.alias === alias && one.check === check)?.why ??
    input.stopped ??
    (model.operation === "chat" ? "it was not called" : `${model.operation} is not called`);
  const answer = own.find(({ check }) => check === "answer");
  let gone: string | undefined;

  // The id: a call decides, else the list.
  if (answer !== undefined && answer.failure === undefined)
    tell("id", "confirmed", { stated: upstream, why: "it answers" });
  else if (answer?.failure?.class === "model_gone") {
    gone = answer.failure.message;
    if (entry === undefined) tell("id", "contradicted", { stated: upstream, seen: "gone", why: gone });
    else tell("id", "not tested", { why: `it is listed, and this account does not get it: ${gone}` });
    if (entry !== undefined || listing === undefined) gone = undefined;
  } else if (entry !== undefined) tell("id", "confirmed", { stated: upstream, why: "it is listed" });
  else tell("id", "not tested", { why: answer?.failure?.message ?? untested("answer") });

  if (gone !== undefined) return { model, gone };
  const facts = listFacts(model, entry, tell);
  const long = longFacts(
    model,
    own.find(({ check }) => check === "long"),
    { tell, untested, facts },
  );
  const capabilities = capabilityFacts(model, { entry, own, tell, untested });
  for (const { field = "", failure, status } of own.filter(({ check }) => check === "refused")) {
    const refuses =
      failure?.class === "bad_request" || (status !== undefined && status >= 400 && status < 500);
    if (failure !== undefined && !refuses) tell(`field ${field}`, "not tested", { why: failure.message });
    else
      tell(`field ${field}`, refuses ? "confirmed" : "contradicted", {
        stated: "refused",
        seen: refuses ? "refused" : "taken",
      });
  }
  return { model, ...facts, ...long, ...(capabilities === undefined ? {} : { capabilities }) };
}

type Tell = (fact: string, state: FactState, more?: Omit<Finding, "alias" | "fact" | "state">) => void;
type Figures = Pick<FactEdit, "contextTokens" | "maxOutputTokens" | "price">;

function listFacts(model: CatalogModel, entry: Facts | undefined, tell: Tell): Figures {
  if (entry === undefined) return {};
  const result = { changed: [], doubtful: [] } as Parameters<typeof compareFacts>[2];
  compareFacts(model, entry, result);
  const facts = result.changed[0]?.facts ?? {};
  for (const { reason } of result.doubtful) tell("list", "not tested", { why: reason });
  for (const [fact, name] of [
    ["window", "contextTokens"],
    ["longest answer", "maxOutputTokens"],
  ] as const) {
    if (entry[name] === undefined) continue;
    const stated = String(model[name] ?? "unknown");
    const seen = facts[name];
    if (seen !== undefined) tell(fact, "contradicted", { stated, seen: String(seen), why: "its list" });
    else if (entry[name] === model[name]) tell(fact, "confirmed", { stated, why: "its list" });
  }
  if (entry.rates !== undefined) {
    const own =
      model.price?.input === undefined ? "unknown" : `$${model.price.input} / $${model.price.output ?? 0}`;
    const { price } = facts;
    if (price !== undefined)
      tell("price", "contradicted", {
        stated: own,
        seen: `$${price.input} / $${price.output}`,
        why: "its list",
      });
    else if (model.price?.input === entry.rates.input)
      tell("price", "confirmed", { stated: own, why: "its list" });
  } else if (model.price !== undefined) tell("price", "not tested", { why: "its list states none" });
  return facts;
}

/** A refusal names the window or the longest answer; one that names neither proves nothing. */
function longFacts(
  model: CatalogModel,
  long: Observation | undefined,
  {
    tell,
    untested,
    facts,
  }: { readonly tell: Tell; readonly untested: (check: string) => string; readonly facts: Figures },
): Figures {
  const known = (name: "contextTokens" | "maxOutputTokens"): number | undefined => facts[name] ?? model[name];
  if (long === undefined || long.failure === undefined) {
    if (model.maxOutputTokens !== undefined || model.contextTokens !== undefined)
      tell("longest answer by a call", "not tested", {
        why: long === undefined ? untested("long") : "it takes any length",
      });
    return {};
  }
  const { failure, body = "" } = long;
  if (failure.class !== "bad_request" && failure.class !== "context_window") {
    tell("longest answer by a call", "not tested", { why: failure.message });
    return {};
  }
  const stated = statedLimits(body);
  const figures: { contextTokens?: number; maxOutputTokens?: number } = {};
  for (const [fact, name] of [
    ["window by a call", "contextTokens"],
    ["longest answer by a call", "maxOutputTokens"],
  ] as const) {
    const seen = stated[name];
    if (seen === undefined || seen < 1) continue;
    const own = known(name);
    if (own === seen) tell(fact, "confirmed", { stated: String(own), why: failure.message });
    else {
      tell(fact, "contradicted", {
        stated: String(own ?? "unknown"),
        seen: String(seen),
        why: failure.message,
      });
      figures[name] = seen;
    }
  }
  if (stated.contextTokens === undefined && stated.maxOutputTokens === undefined)
    tell("longest answer by a call", "not tested", {
      why: `its refusal names no figure: ${failure.message}`,
    });
  const window = figures.contextTokens;
  const longest = figures.maxOutputTokens ?? known("maxOutputTokens");
  if (window !== undefined && longest !== undefined && longest > window) figures.maxOutputTokens = window;
  return figures;
}

/** Told by a list, where it states any. */
const LISTED: readonly Capability[] = ["vision", "json", "reasoning", "audio-input"];
/** Words of a refusal of tools themselves, not of a field beside them. */
const NO_TOOLS = /tool|function/i;

function capabilityFacts(
  model: CatalogModel,
  {
    entry,
    own,
    tell,
    untested,
  }: Pick<ModelInput, "entry" | "own"> & {
    readonly tell: Tell;
    readonly untested: (check: string) => string;
  },
): readonly Capability[] | undefined {
  const claims = new Set(model.capabilities);
  const next = new Set(claims);
  const listed = entry?.capabilities;
  if (listed !== undefined)
    for (const capability of LISTED) {
      const seen = listed.includes(capability);
      if (!seen && !claims.has(capability)) continue;
      tell(capability, seen === claims.has(capability) ? "confirmed" : "not tested", {
        stated: claims.has(capability) ? "yes" : "no",
        seen: seen ? "yes" : "no",
        why: "its list; only a call can tell",
      });
    }
  const tools = own.find(({ check }) => check === "tools");
  const stated = claims.has("tools") ? "yes" : "no";
  if (model.operation !== "chat") return undefined;
  if (tools === undefined) tell("tools", "not tested", { why: untested("tools") });
  else if (tools.calledTool) {
    tell("tools", claims.has("tools") ? "confirmed" : "contradicted", { stated, seen: "yes" });
    next.add("tools");
  } else if (tools.failure === undefined)
    tell("tools", "not tested", { stated, why: "it answered without a call" });
  else if (refusesTools(tools)) {
    tell("tools", claims.has("tools") ? "contradicted" : "confirmed", {
      stated,
      seen: "no",
      why: tools.failure.message,
    });
    next.delete("tools");
  } else tell("tools", "not tested", { stated, why: tools.failure.message });
  return next.size === claims.size && [...next].every((one) => claims.has(one)) ? undefined : [...next];
}

/** A refusal of every request is none of tools. */
const refusesTools = ({ failure, status = 0, body = "" }: Observation): boolean =>
  failure !== undefined &&
  ["bad_request", "model_gone", "permission"].includes(failure.class) &&
  status >= 400 &&
  status < 500 &&
  NO_TOOLS.test(body);

const limitId = ({ unit, window }: Pick<LimitReading, "unit" | "window">): string =>
  `${unit} ${window ?? ""}`.trim();

/** Header figures against the limits that are stated for the same unit and window. */
function limitFindings(provider: CatalogProvider, observations: readonly Observation[]): readonly Finding[] {
  const found = new Map<string, Finding>();
  for (const { alias, readings } of observations) {
    const model = provider.models.find((one) => one.alias === alias);
    const limits: readonly Limit[] = [...(model?.limits ?? []), ...provider.limits];
    for (const { unit, window, limit } of readings) {
      if (limit === undefined) continue;
      const alike = limits.filter(
        (one) => one.unit === unit && (window === undefined || one.window === window),
      );
      const fact = `limit ${limitId({ unit, ...(window === undefined ? {} : { window }) })}`;
      if (alike.length === 0) {
        found.set(`${alias} ${fact}`, {
          alias,
          fact,
          state: "not tested",
          seen: String(limit),
          why: "the fragment states none",
        });
        continue;
      }
      const state = alike.some(({ amount }) => amount === limit) ? "confirmed" : "contradicted";
      const stated = alike.map(({ amount, window: per = "" }) => `${amount}/${per}`).join(", ");
      found.set(`${alias} ${fact}`, { alias, fact, state, stated, seen: String(limit), why: "a header" });
    }
  }
  return [...found.values()];
}

function errorFindings(provider: CatalogProvider, observations: readonly Observation[]): readonly Finding[] {
  const unknown = observations.find(({ check }) => check === "unknown");
  if (unknown === undefined) return [];
  const fact = "error of an unknown model";
  const seen = unknown.failure?.class ?? "answered";
  const state = seen === "model_gone" ? "confirmed" : "contradicted";
  const why = unknown.failure?.message;
  return [
    { alias: provider.id, fact, state, stated: "model_gone", seen, ...(why === undefined ? {} : { why }) },
  ];
}
