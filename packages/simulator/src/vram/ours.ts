/** The real scheduler as a policy of the simulation. */
import { createScheduler, type SchedulerConfig } from "@headgate/resources";
import type { Policy } from "./world.ts";

export const OURS = "headgate";

export type Tuning = Partial<
  Pick<SchedulerConfig, "maxHeadWaitMs" | "quantumFactor" | "patienceFactor" | "lookIntervalMs">
>;

export function ours(tuning: Tuning = {}): Policy {
  const scheduler = createScheduler({
    devices: [{ id: "cuda:0", headroomBytes: 0 }],
    backends: [{ id: "sim", slots: undefined }],
    maxQueue: 100_000,
    maxQueuePerModel: 100_000,
    maxWaitMs: Number.POSITIVE_INFINITY,
    lookIntervalMs: 5_000,
    ...tuning,
  });
  return { name: OURS, step: (event, nowMs) => scheduler.step(event, nowMs) };
}
