/** The gateway's report of its local models. */
import type { TestGateway } from "./gateway.ts";

/** The part of `GET /admin/resources` that tests read. */
export interface Resources {
  readonly backends: readonly { status: string }[];
  readonly residencies: readonly {
    key: string;
    state: string;
    options: Readonly<Record<string, unknown>>;
    chargeBytes: number;
    leases: number;
    waiting: number;
    loads: number;
  }[];
  readonly leases: readonly { key: string }[];
  readonly queues: readonly { key: string; why: string; waiters: readonly unknown[] }[];
  readonly counts: Readonly<Record<"loads" | "evictions" | "strayReleases", number>>;
}

export const resourcesOf = async (gateway: TestGateway): Promise<Resources> =>
  (await (await gateway.fetch("/admin/resources")).json()) as Resources;

/** Polls until the condition holds: events on sockets have no callback here. */
export async function untilResources(
  gateway: TestGateway,
  so: (now: Resources) => boolean,
): Promise<Resources> {
  for (;;) {
    const now = await resourcesOf(gateway);
    if (so(now)) return now;
    await new Promise((turn) => setImmediate(turn));
  }
}
