/** One model at one provider under one key, as it really is: limits, speed, bad hours. */
import type { Deployment } from "@headgate/contract";
import { limitHeaders, refusal, type WireAnswer } from "./answers.ts";
import type { SimRequest } from "./demand.ts";
import { COST_PER_1K_TOKENS, type Profile } from "./profiles.ts";
import { type Dice, lognormal } from "./random.ts";
import { InFlightLimit, type Taken, type TrueLimit } from "./truth.ts";

export interface Outage {
  readonly fromMs: number;
  readonly toMs: number;
  readonly kind: "503" | "html" | "network" | "silence";
}

/** Refusals that no limit explains. */
export interface Whims {
  /** The share of calls that are refused by chance, whatever the load. */
  readonly strayShare: number;
  /** Stated waits of stray refusals, s; none: a third state 1 s and say "server busy", the others state nothing. */
  readonly waitsS?: readonly [least: number, most: number];
  /** Periods in which half of the calls are refused. */
  readonly overloads: readonly Pick<Outage, "fromMs" | "toMs">[];
  /** Every call is refused. */
  readonly always: boolean;
}

/** The share of calls that an overloaded upstream refuses. */
const OVERLOAD_SHARE = 0.5;

/** What comes back, and when. */
export type Reply =
  | {
      readonly kind: "answer";
      readonly headers: Readonly<Record<string, string>>;
      readonly firstTokenMs: number;
      readonly durationMs: number;
      /** Call it when `durationMs` have passed. */
      readonly over: (nowMs: number) => void;
    }
  | {
      readonly kind: "error";
      readonly afterMs: number;
      readonly answer: WireAnswer;
      readonly refused: boolean;
      /** No limit explains it. */
      readonly stray?: true;
    }
  /** No answer at all. */
  | { readonly kind: "network" | "silence"; readonly afterMs: number };

/** Of calls that nothing is wrong with. */
const CHANCE_FAILURE = 0.001;

export class Upstream {
  readonly providerId: string;
  readonly model: string;
  readonly deployment: Deployment;
  readonly limits: readonly TrueLimit[];
  /** The one of `limits` that is its backend's. */
  readonly backend: TrueLimit | undefined;
  readonly outages: readonly Outage[];
  readonly profile: Profile;
  readonly whims: Whims;
  readonly #dice: Dice;
  readonly #whimDice: Dice;
  served = 0;
  calls = 0;
  refused = 0;
  failed = 0;

  constructor(of: {
    deployment: Deployment;
    providerId: string;
    limits: readonly TrueLimit[];
    backend: TrueLimit | undefined;
    outages: readonly Outage[];
    profile: Profile;
    whims: Whims;
    dice: Dice;
    whimDice: Dice;
  }) {
    this.providerId = of.providerId;
    this.deployment = of.deployment;
    this.model = of.deployment.upstream;
    this.limits = of.limits;
    this.backend = of.backend;
    this.outages = of.outages;
    this.profile = of.profile;
    this.whims = of.whims;
    this.#dice = of.dice;
    this.#whimDice = of.whimDice;
  }

  /** How long an answer takes on average, ms. */
  typicalMs(outputTokens: number): number {
    return this.profile.firstTokenMs + (outputTokens * 1_000) / this.profile.tokensPerS;
  }

  /** Would it have been served a second ago, its whole answer counted, and still? Counts nothing. */
  hasRoom(request: SimRequest, nowMs: number): boolean {
    if (this.#outage(nowMs) !== undefined || this.whims.always || this.#isOverloaded(nowMs)) return false;
    const room = (limit: TrueLimit): boolean =>
      limit.usedOverlooked(nowMs) + wholeCost(limit, request) <= limit.amount + 1e-9;
    return this.limits.every(room);
  }

  #outage(nowMs: number): Outage | undefined {
    return this.outages.find(({ fromMs, toMs }) => nowMs >= fromMs && nowMs < toMs);
  }

  #isOverloaded(nowMs: number): boolean {
    return this.whims.overloads.some(({ fromMs, toMs }) => nowMs >= fromMs && nowMs < toMs);
  }

  /** A refusal that no limit explains, if this call gets one. */
  #whim(nowMs: number): Reply | undefined {
    const { strayShare, waitsS, always } = this.whims;
    const dice = this.#whimDice;
    const overloaded = this.#isOverloaded(nowMs);
    if (always) return strayRefusal("Too Many Requests");
    if (overloaded && dice() < OVERLOAD_SHARE)
      // Some say so, some do not.
      return strayRefusal(this.model.length % 2 === 0 ? "The server is overloaded" : "Too Many Requests");
    if (strayShare === 0 || dice() >= strayShare) return undefined;
    if (waitsS !== undefined)
      return strayRefusal("Too Many Requests", Math.round(waitsS[0] + dice() * (waitsS[1] - waitsS[0])));
    return dice() < 1 / 3 ? strayRefusal("server busy", 1) : strayRefusal("Too Many Requests");
  }

  call(request: SimRequest, nowMs: number): Reply {
    this.calls += 1;
    const dice = this.#dice;
    const outage = this.#outage(nowMs);
    if (outage !== undefined) {
      this.failed += 1;
      if (outage.kind === "network" || outage.kind === "silence")
        return { kind: outage.kind, afterMs: outage.kind === "network" ? 20 : Number.POSITIVE_INFINITY };
      const answer =
        outage.kind === "503"
          ? { status: 503, headers: {}, body: '{"error":{"message":"Service temporarily unavailable"}}' }
          : {
              status: 502,
              headers: {},
              body: "<html><head><title>502 Bad Gateway</title></head><body></body></html>",
            };
      return { kind: "error", afterMs: 80, answer, refused: false };
    }
    const whim = this.#whim(nowMs);
    if (whim !== undefined) return whim;
    const short = this.limits.find((limit) => !limit.fits(costBefore(limit, request), nowMs));
    if (short !== undefined) return this.#refuse(short, request, nowMs);
    const taken = this.limits.map((limit): [TrueLimit, Taken] => {
      limit.grantedCalls += 1;
      return [limit, limit.take(costBefore(limit, request), nowMs)];
    });
    if (dice() < CHANCE_FAILURE) {
      this.failed += 1;
      for (const [limit, one] of taken)
        if (!limit.countsFailed && limit.unit !== "requests") limit.correct(one, 0, nowMs);
      const answer = {
        status: 500,
        headers: {},
        body: '{"error":{"message":"Internal server error","type":"server_error"}}',
      };
      return { kind: "error", afterMs: 300, answer, refused: false };
    }
    this.served += 1;
    const headers = limitHeaders(this.profile.headers, this.limits, nowMs);
    const firstTokenMs = lognormal(dice, this.profile.firstTokenMs, 0.3);
    const durationMs =
      firstTokenMs + (request.outputTokens * 1_000) / lognormal(dice, this.profile.tokensPerS, 0.15);
    const over = (endMs: number): void => {
      for (const [limit, one] of taken) {
        const used = limit instanceof InFlightLimit ? 0 : wholeCost(limit, request);
        if (used !== one.amount) limit.correct(one, used, endMs);
        limit.granted += limit instanceof InFlightLimit ? 1 : used;
      }
    };
    return { kind: "answer", headers, firstTokenMs, durationMs, over };
  }

  #refuse(short: TrueLimit, request: SimRequest, nowMs: number): Reply {
    this.refused += 1;
    const need = costBefore(short, request);
    short.refusedCalls += 1;
    short.refusedUnits += need;
    for (const limit of this.limits) if (limit.countsFailed) limit.take(costBefore(limit, request), nowMs);
    const waitMs = short.waitMs(need, nowMs);
    const headers = limitHeaders(this.profile.headers, this.limits, nowMs, short, waitMs);
    const answer = refusal(this.profile.wording, short, need, nowMs, headers, short === this.backend);
    return { kind: "error", afterMs: 60, answer, refused: true };
  }
}

function strayRefusal(detail: string, waitS?: number): Reply {
  const headers: Record<string, string> = waitS === undefined ? {} : { "retry-after": String(waitS) };
  const answer = { status: 429, headers, body: JSON.stringify({ detail }) };
  return { kind: "error", afterMs: 60, answer, refused: false, stray: true };
}

/** What a limit takes before an answer's length is known. */
function costBefore(limit: TrueLimit, request: SimRequest): number {
  switch (limit.unit) {
    case "tokens":
      return request.promptTokens;
    case "usd":
    case "neurons":
      return (request.promptTokens * COST_PER_1K_TOKENS[limit.unit]) / 1_000;
    default:
      return 1;
  }
}

/** What it has taken when the answer is there. */
export function wholeCost(limit: TrueLimit, request: SimRequest): number {
  const tokens = request.promptTokens + request.outputTokens;
  switch (limit.unit) {
    case "tokens":
      return tokens;
    case "usd":
    case "neurons":
      return (tokens * COST_PER_1K_TOKENS[limit.unit]) / 1_000;
    default:
      return 1;
  }
}
