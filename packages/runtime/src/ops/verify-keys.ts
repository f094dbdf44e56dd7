/** Tries every key of a table. Separate from the gateway's entry, so that `serve` does not load it. */
import {
  type Deployment,
  type Failure,
  type FailureClass,
  present,
  type RoutedProvider,
  type RoutingTable,
} from "@headgate/contract";
import type { Secrets } from "../upstream/live-table.ts";
import { checkKey, type Finding, type Upstream } from "./verify/check-key.ts";
import { eachProvider } from "./verify/each-provider.ts";
import { keyAccess } from "./verify/key-access.ts";

/** NOKEY: the provider refused a request without a key. A provider that always needs a key is in no table without one. */
export type KeyState = "OK" | "DEAD" | "NOFUNDS" | "QUOTA" | "NOKEY" | "CONFIG";

export interface KeyCheck {
  readonly provider: RoutedProvider;
  /** The variable that holds the key; absent for a provider without a key. */
  readonly variable?: string;
  readonly state: KeyState;
  /** Which request gave the result; absent where none could be sent. */
  readonly by?: Finding["by"];
  /** Holds no part of the key. */
  readonly failure?: Failure;
}

export interface VerifyInput {
  readonly table: RoutingTable;
  readonly secrets: Secrets;
  readonly version: string;
  /** Per request. */
  readonly timeoutMs: number;
  readonly nowMs: () => number;
  /** Only these providers, by id; absent: all. */
  readonly only?: ReadonlySet<string>;
  /** True: only requests that cost nothing are sent. A key that they cannot judge has `by: "nothing"`. */
  readonly freeOnly?: boolean;
  /** How many providers are checked at once; the keys of one provider are checked one after another. Default 8. */
  readonly concurrency?: number;
  /** Called after each key. */
  readonly onChecked?: (done: number, total: number) => void;
}

export interface Verification {
  /** In the table's order. */
  readonly checks: readonly KeyCheck[];
  /** Providers that answer in-process: they have no key to check. */
  readonly inProcess: readonly RoutedProvider[];
}

export async function verifyKeys(input: VerifyInput): Promise<Verification> {
  const { table, only, freeOnly = false } = input;
  let done = 0;
  const { results, inProcess } = await eachProvider(
    input,
    ({ id }) => only === undefined || only.has(id),
    async (target, all) => {
      const total = all.reduce((sum, { keyVars }) => sum + Math.max(1, keyVars.length), 0);
      const upstream = { ...target, chats: chatsOf(target.provider, table), freeOnly };
      const { keyVars } = target.provider;
      const checks: KeyCheck[] = [];
      for (const variable of keyVars.length === 0 ? [undefined] : keyVars) {
        checks.push(await checkVariable(upstream, variable, input));
        done += 1;
        input.onChecked?.(done, total);
      }
      return checks;
    },
  );
  return { checks: results.flat(), inProcess };
}

const chatsOf = (provider: RoutedProvider, { providers, deployments }: RoutingTable): Deployment[] =>
  deployments.filter(
    (deployment) =>
      providers[deployment.provider] === provider && deployment.operation === "chat" && deployment.served,
  );

async function checkVariable(
  upstream: Upstream,
  variable: string | undefined,
  input: VerifyInput,
): Promise<KeyCheck> {
  const { provider } = upstream;
  const named = present({ variable });
  const access = keyAccess(provider, variable, input);
  if ("class" in access) return { provider, ...named, state: "CONFIG", failure: access };
  const { by, failure } = await checkKey(upstream, access);
  if (failure === undefined) return { provider, ...named, state: "OK", by };
  return { provider, ...named, state: stateOf(failure.class, variable), by, failure };
}

function stateOf(failure: FailureClass, variable: string | undefined): KeyState {
  switch (failure) {
    case "dead_key":
      return variable === undefined ? "NOKEY" : "DEAD";
    case "out_of_credit":
      return "NOFUNDS";
    case "rate_limit":
    case "daily_quota":
    case "monthly_quota":
      return "QUOTA";
    default:
      return "CONFIG";
  }
}
