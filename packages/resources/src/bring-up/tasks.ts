/** What a routing table asks to be brought up. Pure. */
import type { BringUp, RoutingTable, StartedBringUp } from "@headgate/contract";

export interface Task {
  /** The provider's id. */
  readonly id: string;
  readonly bringUp: StartedBringUp;
  /** Where it can be asked for its health. */
  readonly healthUrl: string;
  /** Of its base URL. */
  readonly host: string;
  readonly port: string;
  /** True when one of its models computes on a GPU. */
  readonly gpu: boolean;
}

export function tasksOf({ providers, deployments }: RoutingTable): Task[] {
  return providers.flatMap(({ id, local, baseUrl }, index) => {
    const bringUp: BringUp | undefined = local?.bringUp;
    if (bringUp === undefined || bringUp.way === "external" || baseUrl === undefined) return [];
    const url = new URL(baseUrl);
    return [
      {
        id,
        bringUp,
        healthUrl: new URL(bringUp.health, url.origin).href,
        host: url.hostname.replace(/^\[|\]$/g, ""),
        port: url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port,
        gpu: deployments.some(({ provider, memory }) => provider === index && memory?.device === "cuda"),
      },
    ];
  });
}

export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d{1,3}){3}|::1)$/i.test(host);

/** Equal tasks need nothing done. */
export const taskKey = (task: Task): string => JSON.stringify(task);
