/** The days that are compared, and what must hold on them. */
export interface Scenario {
  readonly id: "true" | "wrong" | "calm";
  readonly title: string;
  /** Requests an hour, on average. */
  readonly perHour: number;
  readonly wrongShare: number;
  readonly policies: readonly PolicyId[];
}

export type PolicyId = "chain" | "day" | "score" | "headgate" | "replicas";

const ALL: readonly PolicyId[] = ["chain", "day", "score", "headgate", "replicas"];

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
    policies: ["chain", "day", "score", "headgate"],
  },
  {
    id: "calm",
    title: "Little demand, declared limits true",
    perHour: 2_500,
    wrongShare: 0,
    policies: ALL,
  },
];
