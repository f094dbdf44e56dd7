import type { Candidate } from "@headgate/router";
import { expect, it } from "vitest";
import type { AnswerSink } from "../http/client-sink.ts";
import { attemptCandidate } from "./candidate.ts";
import type { ExchangeState } from "./exchange-state.ts";

it("a client that goes away, or a hedge that is lost, during the call to shared limits: no upstream is called and the reservation is settled", async () => {
  const candidate = {} as Candidate;
  const settled: unknown[] = [];
  let grant: (admitted: { candidate: Candidate; reservation: unknown }) => void = () => {};
  const admitting = new Promise((resolve) => {
    grant = resolve;
  });
  const sink = { gone: false } as { gone: boolean } & AnswerSink;
  // Anything beyond the admission would fail on what is missing here.
  const state = {
    context: { reservations: { admit: () => admitting, settle: (...all: unknown[]) => settled.push(all) } },
    incoming: { facts: "facts" },
    queue: () => [],
  } as unknown as ExchangeState;
  const attempt = attemptCandidate(state, candidate, sink);
  sink.gone = true;
  const admitted = { candidate, reservation: "taken" };
  grant(admitted);
  expect(await attempt).toEqual({ candidate, outcome: { kind: "aborted" } });
  expect(settled).toEqual([[admitted, "facts", { unused: true }]]);
});
