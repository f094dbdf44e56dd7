/**
 * Admits a candidate by this process's own counts and, where several processes share their limits, by one call to the
 * shared limits.
 */
import { type MeterCorrection, present, type SharedLimits } from "@headgate/contract";
import {
  admit,
  begin,
  type Candidate,
  claimOf,
  countsOf,
  endOf,
  type Meter,
  type Need,
  type Random,
  type RequestFacts,
  type Reservation,
  type Result,
  type SharedCounts,
  type Skip,
  settle,
  settlementsOf,
} from "@headgate/router";
import { Roster } from "../http/roster.ts";

/** A candidate that may be tried, with its reservation. */
export interface Admitted {
  readonly candidate: Candidate;
  readonly reservation: Reservation;
  /** Among the reservations that are in flight. */
  readonly place: number;
  /** The shared limits' receipt; absent where limits are not shared or could not be reached. */
  readonly ticket?: string;
}

export type Admission = Admitted | { readonly skip: Skip };

/** How many candidates one call to the shared limits names. */
const MAX_CLAIMS = 8;

export class Reservations {
  readonly #nowMs: () => number;
  readonly #random: Random;
  readonly #shared: SharedLimits | undefined;
  readonly #open = new Roster<Reservation>();

  /** @param shared absent: this process counts for itself */
  constructor(nowMs: () => number, random: Random, shared: SharedLimits | undefined) {
    this.#nowMs = nowMs;
    this.#random = random;
    this.#shared = shared;
  }

  /**
   * @param queue the candidates after `candidate`. Where limits are shared, the same call names them too: the first with
   *   room is removed from the queue, and so are those before it.
   * @param skipped gets the candidates without room, with the reason
   */
  admit(
    candidate: Candidate,
    queue: Candidate[],
    facts: RequestFacts,
    skipped: Skip[],
  ): Admission | Promise<Admission> {
    const nowMs = this.#nowMs();
    const { need, skip } = admit(candidate, facts, nowMs, queue.length === 0);
    if (skip !== undefined) return { skip };
    if (this.#shared === undefined) return this.#begin(candidate, need, nowMs);
    return this.#reserve(this.#shared, { candidate, need }, queue, facts, skipped);
  }

  async #reserve(
    shared: SharedLimits,
    first: Wanted,
    queue: Candidate[],
    facts: RequestFacts,
    skipped: Skip[],
  ): Promise<Admission> {
    const nowMs = this.#nowMs();
    const wanted = [first];
    for (const candidate of queue) {
      if (wanted.length === MAX_CLAIMS) break;
      const { need, skip } = admit(candidate, facts, nowMs, false);
      if (skip === undefined) wanted.push({ candidate, need });
    }
    const claims = wanted.map(({ candidate, need }) => claimOf(candidate, need, nowMs));
    // Out of reach: this process counts for itself, and reports the counts later.
    const grant = await shared.reserve(claims, nowMs).catch(() => undefined);
    if (grant === undefined) return this.#begin(first.candidate, first.need, nowMs);
    const { ticket } = grant;
    const chosen = ticket === undefined ? wanted.length : grant.index;
    for (const { candidate } of wanted.slice(1, chosen + 1)) take(queue, candidate);
    const [full, ...more] = wanted.slice(0, chosen).map(({ candidate }) => usedByOthers(candidate));
    skipped.push(...more);
    const chosenOne = wanted[chosen];
    if (ticket === undefined || chosenOne === undefined) {
      const until = present({ untilMs: grant.opensAtMs });
      return { skip: { ...usedByOthers(first.candidate), ...until } };
    }
    if (full !== undefined) skipped.push(full);
    const claim = claims[chosen];
    const counts = claim === undefined ? undefined : countsOf(claim, grant.counted ?? []);
    return { ...this.#begin(chosenOne.candidate, chosenOne.need, nowMs, counts), ticket };
  }

  #begin(candidate: Candidate, need: Need, nowMs: number, counts?: SharedCounts): Admitted {
    const reservation = begin(candidate, need, nowMs, counts);
    return { candidate, reservation, place: this.#open.add(reservation) };
  }

  /** The wall clock was set: what is in flight settles in the part of the window that counted it. */
  shift(deltaMs: number): void {
    for (const reservation of this.#open.all()) reservation.takenAtMs += deltaMs;
  }

  /** Exactly once per admission; a second call does nothing. */
  settle(admitted: Admitted, facts: RequestFacts, result: Result): void {
    const { reservation, place, ticket } = admitted;
    if (reservation.settled) return;
    const nowMs = this.#nowMs();
    this.#open.remove(place);
    const shared = this.#shared;
    const corrected = settle(reservation, facts, result, nowMs, this.#random);
    if (shared === undefined) return;
    const settlements = settlementsOf(reservation, result);
    if (ticket !== undefined) shared.settle(ticket, settlements, nowMs);
    else if (settlements.length > 0) shared.addUsed(settlements, nowMs);
    // The shared count includes every gateway's calls and an answer's headers do not, so only a refusal corrects it.
    if (corrected.length > 0 && result.failure !== undefined)
      shared.correct(
        corrected.map((meter) => correctionOf(meter, nowMs)),
        nowMs,
      );
  }
}

interface Wanted {
  readonly candidate: Candidate;
  readonly need: Need;
}

function take(queue: Candidate[], candidate: Candidate): void {
  const at = queue.indexOf(candidate);
  if (at !== -1) queue.splice(at, 1);
}

const usedByOthers = (candidate: Candidate): Skip => ({
  deployment: candidate.deployment,
  candidate,
  reason: "quota",
  detail: "its limits are used by the gateways that share them",
});

const correctionOf = (meter: Meter, nowMs: number): MeterCorrection => ({
  id: meter.spec.id,
  shape: meter.spec.shape,
  used: meter.used(nowMs),
  ...endOf(meter, nowMs),
});
