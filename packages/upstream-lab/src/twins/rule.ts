/** What a rule of a strict twin is, and how a request is judged by the rules of its twin. */
import type { JsonObject } from "../json.ts";

/** Where a request breaks a rule: the path of the value, and the value or name where the words need it. */
export interface Finding {
  readonly at: string;
  readonly value?: string;
}

/** A pure test of one request. @returns `undefined` for a request that keeps the rule. */
export type Check = (body: JsonObject, model: string) => Finding | undefined;

export interface TwinRule {
  /** The key of its source in provenance.json. */
  readonly id: string;
  /** Upstream ids that it concerns; absent: all. */
  readonly models?: RegExp;
  readonly check: Check;
  readonly status: number;
  /** The provider's words; `{at}`, `{value}` and `{model}` are filled in. */
  readonly words: string;
  /** Fields of the provider's error envelope besides the message. */
  readonly error?: JsonObject;
}

export interface Refusal {
  readonly rule: TwinRule;
  readonly finding: Finding;
  /** The words with their gaps filled. */
  readonly message: string;
}

/** Every rule that the request breaks, in the order of the table; a provider answers the first. */
export function judge(rules: readonly TwinRule[], body: JsonObject, model: string): Refusal[] {
  const refusals: Refusal[] = [];
  for (const rule of rules) {
    if (rule.models?.test(model) === false) continue;
    const finding = rule.check(body, model);
    if (finding === undefined) continue;
    const gaps: Readonly<Record<string, string>> = { at: finding.at, value: finding.value ?? "", model };
    const message = rule.words.replace(/\{(at|value|model)\}/g, (_, gap: string) => gaps[gap] ?? "");
    refusals.push({ rule, finding, message });
  }
  return refusals;
}

/** The first finding of several checks. */
export const anyOf =
  (...checks: readonly Check[]): Check =>
  (body, model) => {
    for (const check of checks) {
      const finding = check(body, model);
      if (finding !== undefined) return finding;
    }
    return undefined;
  };

/** A check that counts only for requests of a kind. */
export const when =
  (condition: (body: JsonObject, model: string) => boolean, check: Check): Check =>
  (body, model) =>
    condition(body, model) ? check(body, model) : undefined;
