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
  readonly #dice: Dice;
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
    dice: Dice;
  }) {
    this.providerId = of.providerId;
    this.deployment = of.deployment;
    this.model = of.deployment.upstream;
    this.limits = of.limits;
    this.backend = of.backend;
    this.outages = of.outages;
    this.profile = of.profile;
    this.#dice = of.dice;
  }

  /** How long an answer takes on average, ms. */
  typicalMs(outputTokens: number): number {
    return this.profile.firstTokenMs + (outputTokens * 1_000) / this.profile.tokensPerS;
  }

  /** Would it have been served a second ago, and still? Counts nothing. */
  hasRoom(request: SimRequest, nowMs: number): boolean {
    if (this.#outage(nowMs) !== undefined) return false;
    const room = (limit: TrueLimit): boolean =>
      limit.usedOverlooked(nowMs) + costBefore(limit, request) <= limit.amount + 1e-9;
    return this.limits.every(room);
  }

  #outage(nowMs: number): Outage | undefined {
    return this.outages.find(({ fromMs, toMs }) => nowMs >= fromMs && nowMs < toMs);
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
