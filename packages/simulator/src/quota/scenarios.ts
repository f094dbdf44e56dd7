/** The days that are compared, and what must hold on them. */
import type { WhimOptions } from "./world.ts";

export interface Scenario {
  readonly id: "true" | "wrong" | "calm" | "stray" | "waits" | "overload" | "refused";
  readonly title: string;
  /** Requests an hour, on average. */
  readonly perHour: number;
  readonly wrongShare: number;
  readonly policies: readonly PolicyId[];
  readonly whims?: WhimOptions;
  /** Simulated hours at most: what it shows is seen early. */
  readonly hours?: number;
}

export type PolicyId = "chain" | "day" | "score" | "headgate" | "replicas";

const ALL: readonly PolicyId[] = ["chain", "day", "score", "headgate", "replicas"];
/** Policies that bars are about. */
export const OURS: readonly PolicyId[] = ["headgate", "replicas"];

export const SCENARIOS: readonly Scenario[] = [
  {
    id: "true",
    title: "Demand over supply, declared limits true",
    perHour: 28_000,
    wrongShare: 0,
    policies: ALL,
  },
  {
    id: "wrong",
    title: "Demand over supply, 30 % of the limits wrong or undeclared, some changed at half-time",
    perHour: 28_000,
    wrongShare: 0.3,
    policies: ALL,
  },
  {
    id: "calm",
    title: "Little demand, declared limits true",
    perHour: 2_500,
    wrongShare: 0,
    policies: ALL,
  },
  {
    id: "stray",
    title: "Some demand, 1 % of the calls refused by chance",
    perHour: 5_000,
    wrongShare: 0,
    policies: OURS,
    whims: { strayShare: 0.01 },
    hours: 8,
  },
  {
    id: "waits",
    title: "Some demand, 1 % of the calls refused by chance with waits of 1 to 60 s",
    perHour: 5_000,
    wrongShare: 0,
    policies: OURS,
    whims: { strayShare: 0.01, waitsS: [1, 60] },
    hours: 8,
  },
  {
    id: "overload",
    title: "Some demand, each provider overloaded for 2 to 15 minutes every other hour",
    perHour: 5_000,
    wrongShare: 0,
    policies: OURS,
    whims: { strayShare: 0, overloadsPerHour: 0.5 },
    hours: 8,
  },
  {
    id: "refused",
    title: "Some demand, one of each key's models always refused",
    perHour: 5_000,
    wrongShare: 0,
    policies: OURS,
    whims: { oneRefused: true },
    hours: 8,
  },
];
