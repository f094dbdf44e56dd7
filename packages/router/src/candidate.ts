import { type Deployment, type RoutedProvider, type TokenPrice, tokenPrice } from "@headgate/contract";
import type { Cooldown } from "./cooldown.ts";
import type { Meter, MeterSpec } from "./limits/meter.ts";
import { meterSpecs } from "./limits/meter-specs.ts";
import type { Memory } from "./memory.ts";
import type { ModelStats } from "./model-stats.ts";

const NO_COST: TokenPrice = { input: 0, output: 0 };

/** One deployment under one key: what an attempt is made with, and what is known of it. */
export class Candidate {
  /** `<provider>@<key>/<model>`: stable over tables and restarts; the key shows as a digest. */
  readonly id: string;
  readonly deployment: Deployment;
  readonly provider: RoutedProvider;
  /** Position in the provider's keys; -1 for a provider without one. */
  readonly key: number;
  readonly modelCooldown: Cooldown;
  readonly keyCooldown: Cooldown;
  readonly providerCooldown: Cooldown;
  readonly memory: Memory;
  /** The candidate of the same model under the first key of the same account, whose limits this one shares. */
  readonly #sharesWith: Candidate | undefined;
  /** Made at the first use: most candidates of a large table are never tried. */
  #meters: Meter[] | undefined;
  #stats: ModelStats | undefined;
  #statsId: string | undefined;
  #cooldowns: readonly [Cooldown, Cooldown, Cooldown] | undefined;
  #countsPrompts: boolean | undefined;
  /** `null`: not worked out yet. */
  #price: TokenPrice | undefined | null = null;

  constructor(
    deployment: Deployment,
    provider: RoutedProvider,
    key: number,
    account: string,
    memory: Memory,
    sharesWith?: Candidate,
  ) {
    this.id = `${account}/${deployment.upstream}`;
    this.deployment = deployment;
    this.provider = provider;
    this.key = key;
    this.memory = memory;
    this.#sharesWith = sharesWith;
    this.modelCooldown = memory.cooldown(this.id);
    this.keyCooldown = memory.cooldown(account);
    this.providerCooldown = memory.cooldown(provider.id);
  }

  /** Whose limits count: its account's, `<provider>@<key>`, by the first key of the account. */
  get limitsAccount(): string {
    return this.#sharesWith?.limitsAccount ?? this.keyCooldown.id;
  }

  /** As `limitsAccount`, for this model alone. */
  get limitsId(): string {
    return this.#sharesWith?.limitsId ?? this.id;
  }

  /** Everything that limits it: what the fragment states and what was learned besides. */
  meters(): readonly Meter[] {
    // One list for all keys of an account, so that each knows what another has learned.
    this.#meters ??= (this.#sharesWith?.meters() as Meter[] | undefined) ?? this.#allMeters();
    return this.#meters;
  }

  /** Its meters, if they have been made. */
  get metersInUse(): readonly Meter[] {
    return this.#meters ?? [];
  }

  /** Some limit has room only because its period began anew. */
  isEarly(nowMs: number): boolean {
    for (const meter of this.metersInUse) if (meter.isEarly(nowMs)) return true;
    return false;
  }

  #allMeters(): Meter[] {
    const specs = meterSpecs(this.provider, this.deployment, this.limitsAccount);
    const spend = this.underSpendLimit ? this.memory.spendLimit : undefined;
    const stated = [...specs, ...(spend === undefined ? [] : [spend])].map((spec) => this.memory.meter(spec));
    const ids = new Set(specs.map(({ id }) => id));
    return [...stated, ...this.memory.learnedMeters(this.limitsId).filter(({ spec }) => !ids.has(spec.id))];
  }

  /** Adds a limit that no fragment states and an upstream has shown. */
  addLearnedMeter(spec: MeterSpec): Meter {
    const meters = this.meters() as Meter[];
    const known = meters.find((meter) => meter.spec.id === spec.id);
    if (known !== undefined) return known;
    const meter = this.memory.meter(spec);
    this.#countsPrompts = undefined;
    this.memory.learnedMeters(this.limitsId).push(meter);
    meters.push(meter);
    return meter;
  }

  /** Of what all keys of the model at the provider share. */
  get statsId(): string {
    this.#statsId ??= `${this.provider.id}/${this.deployment.upstream}`;
    return this.#statsId;
  }

  get stats(): ModelStats {
    this.#stats ??= this.memory.stats(this.statsId);
    return this.#stats;
  }

  /** Its calls cost, and the operator has set a ceiling. */
  get underSpendLimit(): boolean {
    return this.deployment.tier === "paid" && this.memory.spendLimit !== undefined;
  }

  /** The list price of tokens; absent: not known, or not what is charged. */
  get price(): TokenPrice | undefined {
    if (this.#price === null) this.#price = tokenPrice(this.deployment.price);
    return this.#price;
  }

  /** What is charged for tokens under the tier in force, in dollars for a million: nothing but where it is paid. */
  get cost(): TokenPrice | undefined {
    return this.deployment.tier === "paid" ? this.price : NO_COST;
  }

  /** The moment from which it may be tried; at or before now when it is open. */
  get opensAtMs(): number {
    return Math.max(this.modelCooldown.untilMs, this.keyCooldown.untilMs, this.providerCooldown.untilMs);
  }

  get cooldowns(): readonly [Cooldown, Cooldown, Cooldown] {
    this.#cooldowns ??= [this.keyCooldown, this.modelCooldown, this.providerCooldown];
    return this.#cooldowns;
  }

  /** Whether some limit counts tokens or money, so that a prompt must be measured before it is sent. */
  get countsPrompts(): boolean {
    this.#countsPrompts ??= this.meters().some(({ unit }) => unit === "tokens" || unit === "usd");
    return this.#countsPrompts;
  }
}
