/** Looks at the gateway's state at intervals, and tells of what an operator should know: each condition once, while it lasts. */
import { limitText, type Memory, type MeterSpec, opensAtMs, type RouteIndex } from "@headgate/router";
import type { ActiveClient } from "../clients/active-client.ts";
import type { LocalState } from "../local/leases.ts";
import { allCandidates } from "./cooldowns.ts";
import type { WebhookEvent } from "./webhook.ts";

const LOOK_MS = 5_000;
/** The used share of a limit from which it is told, and the one below which it may be told again. */
const HIGH = 0.8;
const FULL = 1;

export interface EventsInput {
  readonly nowMs: () => number;
  readonly index: () => RouteIndex;
  readonly memory: Pick<Memory, "meter" | "spendLimit">;
  readonly clients: () => Iterable<ActiveClient>;
  readonly local: () => Promise<LocalState | undefined>;
  readonly tell: (event: WebhookEvent) => void;
}

/** A condition that holds now. */
interface Condition {
  readonly id: string;
  readonly event: WebhookEvent["event"];
  readonly about: string;
  readonly text: string;
  /** Told when it ends. */
  readonly over?: Pick<WebhookEvent, "event" | "text">;
}

export class Events {
  readonly #input: EventsInput;
  readonly #told = new Map<string, Condition>();
  #timer: NodeJS.Timeout | undefined;

  constructor(input: EventsInput) {
    this.#input = input;
  }

  begin(): void {
    this.#timer = setInterval(() => void this.look(), LOOK_MS).unref();
  }

  end(): void {
    clearInterval(this.#timer);
  }

  async look(): Promise<void> {
    const { nowMs, tell } = this.#input;
    const at = new Date(nowMs()).toISOString();
    const local = await this.#input.local().catch(() => undefined);
    const now = new Map(this.#conditions(local).map((one) => [one.id, one]));
    for (const [id, { event, about, text }] of now) {
      if (!this.#told.has(id)) tell({ event, about, text, at });
    }
    for (const [id, before] of this.#told) {
      if (now.has(id)) continue;
      // What a look could not see has not ended.
      if (before.over !== undefined && local === undefined) now.set(id, before);
      else if (before.over !== undefined) tell({ about: before.about, at, ...before.over });
    }
    this.#told.clear();
    for (const [id, condition] of now) this.#told.set(id, condition);
  }

  #conditions(local: LocalState | undefined): Condition[] {
    return [
      ...this.#deadKeys(),
      ...this.#quotas(),
      ...this.#ceilings(),
      ...this.#groups(),
      ...backendsDown(local),
    ];
  }

  #deadKeys(): Condition[] {
    const now = this.#input.nowMs();
    const dead = new Map<string, Condition>();
    for (const { provider, key, keyCooldown } of allCandidates(this.#input.index())) {
      if (keyCooldown.untilMs <= now || keyCooldown.failure?.class !== "dead_key") continue;
      const about = provider.keyVars[key] ?? provider.id;
      const text = `${provider.id} refuses the key in ${about}. Put a working one into .env.`;
      dead.set(about, { id: `key ${about}`, event: "key_dead", about, text });
    }
    return [...dead.values()];
  }

  /** Of a day or a month: those of a minute are full all the time. */
  #quotas(): Condition[] {
    const now = this.#input.nowMs();
    const high = new Map<string, Condition>();
    for (const { provider, deployment, metersInUse } of allCandidates(this.#input.index())) {
      for (const meter of metersInUse) {
        const { spec, amount } = meter;
        if (spec.window !== "day" && spec.window !== "month") continue;
        if (spec.unit === "usd" || amount === Number.POSITIVE_INFINITY || meter.used(now) < HIGH * amount)
          continue;
        const about = `${provider.id} ${limitText(spec, amount)}`;
        const percent = Math.floor((100 * meter.used(now)) / amount);
        const text = `${percent} % of ${limitText(spec, amount)} at ${provider.id} are used (${deployment.alias}).`;
        high.set(spec.id, { id: `quota ${spec.id}`, event: "quota_high", about, text });
      }
    }
    return [...high.values()];
  }

  #ceilings(): Condition[] {
    const { memory, clients, nowMs } = this.#input;
    const all: { readonly name: string; readonly spec: MeterSpec }[] = [];
    if (memory.spendLimit !== undefined) all.push({ name: "HEADGATE_SPEND_LIMIT", spec: memory.spendLimit });
    for (const { name, facts } of clients())
      if (facts.spend !== undefined) all.push({ name: `the client ${name}`, spec: facts.spend.spec });
    return all.flatMap(({ name, spec }): Condition[] => {
      const meter = memory.meter(spec);
      const share = meter.used(nowMs()) / meter.amount;
      const limit = limitText(spec, meter.amount);
      const stages = [
        [HIGH, `${Math.floor(100 * share)} % of the spend limit of ${name} (${limit}) are used.`],
        [FULL, `The spend limit of ${name} (${limit}) is met: paid models are left out.`],
      ] as const;
      return stages.flatMap(([from, text]) =>
        // Reservations keep a ceiling from being met to the last cent.
        share >= from - 0.005
          ? [{ id: `spend ${from} ${spec.id}`, event: "spend_high" as const, about: name, text }]
          : [],
      );
    });
  }

  #groups(): Condition[] {
    const now = this.#input.nowMs();
    const index = this.#input.index();
    return index.table.routes.flatMap(({ name, kind }): Condition[] => {
      const candidates =
        kind === "group" ? (index.find(name)?.chain.flatMap((entry) => entry.candidates) ?? []) : [];
      if (candidates.length === 0 || candidates.some((one) => opensAtMs(one) <= now)) return [];
      const soonest = Math.min(...candidates.map(opensAtMs));
      const text = `Every model of the group ${name} is cooling. The first opens at ${new Date(soonest).toISOString()}.`;
      return [{ id: `group ${name}`, event: "group_closed", about: name, text }];
    });
  }
}

const backendsDown = (local: LocalState | undefined): Condition[] =>
  (local?.backends ?? []).flatMap(({ backend: id, status }): Condition[] =>
    status === "down"
      ? [
          {
            id: `backend ${id}`,
            event: "backend_down",
            about: id,
            text: `The local backend ${id} is down.`,
            over: { event: "backend_up", text: `The local backend ${id} is up again.` },
          },
        ]
      : [],
  );
