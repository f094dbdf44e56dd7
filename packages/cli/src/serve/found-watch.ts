/** Looks at what servers of one's own have, and keeps it in the state directory; the compiler reads it from there. */
import { isDeepStrictEqual } from "node:util";
import {
  type FoundModels,
  type FoundServer,
  type RoutedProvider,
  type RoutingTable,
  withTag,
} from "@headgate/contract";
import type { Log } from "@headgate/runtime";
import { readFound, writeFound } from "../found-file.ts";

/** A look costs a server three small answers. A model that was pulled there is served this long after, at most. */
const INTERVAL_MS = 5_000;
/** A server of one's own answers from memory. */
const LOOK_MS = 2_000;

export interface FoundWatchInput {
  readonly stateDir: string;
  readonly log: Pick<Log, "info" | "warn">;
  /** Values of key variables. */
  readonly secrets: (table: RoutingTable) => Readonly<Record<string, string>>;
  /** For tests. */
  readonly intervalMs?: number;
}

interface Server {
  readonly id: string;
  readonly baseUrl: string;
  readonly token: string | undefined;
  /** Tags that are looked for; undefined: all. */
  readonly tags: readonly string[] | undefined;
}

export class FoundWatch {
  readonly #input: FoundWatchInput;
  #servers: readonly Server[] = [];
  #found: FoundModels;
  /** What was last logged of each server. */
  readonly #told = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<boolean> | undefined;
  #again = false;
  #closed = false;

  constructor(input: FoundWatchInput) {
    this.#input = input;
    this.#found = readFound(input.stateDir);
  }

  /** Takes up a table: its servers are looked at from now on. */
  follow(table: RoutingTable): void {
    const secrets = this.#input.secrets(table);
    this.#servers = table.providers.flatMap((provider): Server[] => {
      const { offer } = provider.local ?? {};
      if (offer === undefined || provider.baseUrl === undefined) return [];
      return [
        {
          id: provider.id,
          baseUrl: provider.baseUrl,
          token: tokenOf(provider, secrets),
          tags: offer === "all" ? undefined : offer,
        },
      ];
    });
  }

  /** Looks every few seconds, until it is closed. */
  begin(): void {
    this.#wait();
  }

  /** Looks at once; a look under way is followed by another. */
  poke(): void {
    if (this.#looking !== undefined) this.#again = true;
    else void this.look();
  }

  /** @returns true where something else was found than before; it is written by then */
  look(): Promise<boolean> {
    this.#looking ??= this.#lookNow().finally(() => {
      this.#looking = undefined;
      const again = this.#again;
      this.#again = false;
      if (again && !this.#closed) void this.look();
    });
    return this.#looking;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  #wait(): void {
    if (this.#closed) return;
    this.#timer = setTimeout(() => {
      void this.look().finally(() => this.#wait());
    }, this.#input.intervalMs ?? INTERVAL_MS);
    this.#timer.unref();
  }

  async #lookNow(): Promise<boolean> {
    const servers = this.#servers;
    if (servers.length === 0) return false;
    // Loaded here, so that a gateway without such a server does not load it.
    const { lookOllama, PullError } = await import("@headgate/resources");
    const looks = servers.map(async (server): Promise<[string, FoundServer] | undefined> => {
      const { id, baseUrl, token } = server;
      const before = this.#found[id];
      const known = before?.baseUrl === baseUrl ? before.models : [];
      try {
        const signal = AbortSignal.timeout(LOOK_MS);
        const models = await lookOllama({ baseUrl, token, known, signal });
        this.#tell(server, models);
        return [id, { baseUrl, models }];
      } catch (error) {
        if (!(error instanceof PullError)) throw error;
        this.#say(id, "warn", `${id} at ${baseUrl}: ${error.message}; it is looked for every few seconds`);
        return undefined;
      }
    });
    const seen = Object.fromEntries(
      (await Promise.all(looks)).flatMap((one) => (one === undefined ? [] : [one])),
    );
    const found = { ...this.#found, ...seen };
    if (this.#closed || isDeepStrictEqual(found, this.#found)) return false;
    this.#found = found;
    writeFound(this.#input.stateDir, found);
    return true;
  }

  #tell({ id, tags }: Server, models: FoundServer["models"]): void {
    const there = new Set(models.map(({ upstream }) => withTag(upstream)));
    const missing = (tags ?? []).filter((tag) => !there.has(withTag(tag)));
    if (missing.length > 0) {
      const names = missing.join(", ");
      this.#say(id, "warn", `${id} does not have ${names}; run headgate models pull ${missing.join(" ")}`);
    } else if (models.length === 0) this.#say(id, "warn", `${id} has no models; pull one with ollama pull`);
    // Said only of a server that something was said of before.
    else if (this.#told.has(id)) this.#say(id, "info", `${id} is there`);
    else this.#told.set(id, `${id} is there`);
  }

  /** Once, until something else is to be said. */
  #say(id: string, level: "info" | "warn", message: string): void {
    if (this.#told.get(id) === message) return;
    this.#told.set(id, message);
    this.#input.log[level](message);
  }
}

function tokenOf({ keyVars }: RoutedProvider, secrets: Readonly<Record<string, string>>): string | undefined {
  const [variable] = keyVars;
  return variable === undefined ? undefined : secrets[variable];
}
