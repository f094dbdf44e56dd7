/**
 * Checks keys in the background, with requests that cost nothing: a dead key is known before a request uses it, and a
 * repaired key's cooldown ends by itself.
 */
import type { Options, RoutingTable } from "@headgate/contract";
import { applyFailure, type Cooldown, endCooldown, type Memory } from "@headgate/router";
import type { Log } from "../log.ts";
import type { Secrets } from "../upstream/live-table.ts";

const TIMEOUT_MS = 10_000;
/** Delay of the first round after the start. */
const FIRST_MS = 5_000;
/** Few: no request waits for a round. */
const CONCURRENCY = 2;

export interface ProbesInput {
  readonly options: Pick<Options, "probes" | "probeIntervalMs">;
  readonly memory: Memory;
  readonly version: string;
  readonly log: Log;
  readonly nowMs: () => number;
  /** What is served now. */
  readonly serving: () => { readonly table: RoutingTable; readonly secrets: Secrets };
  /** A key's identity in the memory, `<provider>@<digest>`. */
  readonly accountOf: (provider: string, variable: string | undefined) => string;
  /** Called after a round, when cooldowns may have changed. */
  readonly onRound: () => void;
}

export class Probes {
  readonly #input: ProbesInput;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(input: ProbesInput) {
    this.#input = input;
  }

  begin(): void {
    if (this.#input.options.probes !== "off") this.#later(FIRST_MS);
  }

  #later(ms: number): void {
    this.#timer = setTimeout(() => {
      this.#running = this.round()
        .catch((error: unknown) => this.#input.log.warn("probes failed", { why: String(error) }))
        .finally(() => this.#later(this.#input.options.probeIntervalMs));
    }, ms);
    this.#timer.unref();
  }

  /** Checks each key once. */
  async round(): Promise<void> {
    const { options, memory, version, log, nowMs, serving, accountOf, onRound } = this.#input;
    const { table, secrets } = serving();
    const only = new Set(
      table.providers.filter(({ tier }) => options.probes === "all" || tier !== "paid").map(({ id }) => id),
    );
    if (only.size === 0) return;
    // Loaded with the first round: a gateway that never probes keeps it out of memory.
    const { verifyKeys } = await import("./verify-keys.ts");
    const { checks } = await verifyKeys({
      table,
      secrets,
      version,
      timeoutMs: TIMEOUT_MS,
      nowMs,
      only,
      freeOnly: true,
      concurrency: CONCURRENCY,
    });
    for (const { provider, variable, by, failure } of checks) {
      if (by === undefined || by === "nothing") continue;
      const cooldown = memory.cooldown(accountOf(provider.id, variable));
      if (failure === undefined) reopen(cooldown, memory, nowMs(), log);
      else if (failure.class === "dead_key" && cooldown.untilMs <= nowMs()) {
        if (applyFailure(cooldown, failure, nowMs())) memory.cooldownChanged(cooldown);
        log.warn("a key does not work", { provider: provider.id, key: variable, why: failure.message });
      }
    }
    onRound();
  }

  async end(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#running;
    clearTimeout(this.#timer);
  }
}

/** Ends a dead key's cooldown. A listing proves that the key works; it proves nothing about credit or limits. */
function reopen(cooldown: Cooldown, memory: Memory, nowMs: number, log: Log): void {
  if (cooldown.untilMs <= nowMs || cooldown.failure?.class !== "dead_key") return;
  endCooldown(cooldown);
  memory.cooldownChanged(cooldown);
  log.info("a key works again", { id: cooldown.id });
}
