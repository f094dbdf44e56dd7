/** The backends that a routing table has brought up. Pure. */
import type { BringUp, LocalDriver, RoutedLocal, RoutingTable, StartedBringUp } from "@headgate/contract";

export interface Task {
  /** The provider's id. */
  readonly id: string;
  readonly bringUp: StartedBringUp;
  /** URL of its health path. */
  readonly healthUrl: string;
  /** Of its base URL. */
  readonly host: string;
  readonly port: string;
  /** True when one of its models computes on a GPU. */
  readonly gpu: boolean;
  readonly driver: LocalDriver;
  readonly baseUrl: string;
  /** Upstream ids of its models, the smallest first. */
  readonly models: readonly string[];
}

export function tasksOf({ providers, deployments }: RoutingTable): Task[] {
  return providers.flatMap(({ id, local, baseUrl }, index) => {
    const bringUp: BringUp | undefined = local?.bringUp;
    if (bringUp === undefined || bringUp.way === "external" || baseUrl === undefined) return [];
    const url = new URL(baseUrl);
    const own = deployments
      .filter(({ provider }) => provider === index)
      .toSorted((a, b) => (a.memory?.bytes ?? 0) - (b.memory?.bytes ?? 0));
    return [
      {
        id,
        bringUp,
        healthUrl: new URL(bringUp.health, url.origin).href,
        host: url.hostname.replace(/^\[|\]$/g, ""),
        port: url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port,
        gpu: own.some(({ memory }) => memory?.device === "cuda"),
        driver: local?.driver ?? "process",
        baseUrl,
        models: [...new Set([...own.map(({ upstream }) => upstream), ...wantedOf(local?.offer)])],
      },
    ];
  });
}

/** Tags of .env that the server may not have yet. */
const wantedOf = (offer: RoutedLocal["offer"]): readonly string[] =>
  offer === undefined || offer === "all" ? [] : offer;

export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|::1)$/i.test(host);

/** Equal for tasks that need nothing done: another list of models restarts nothing. */
export const taskKey = ({ models: _, ...task }: Task): string => JSON.stringify(task);
