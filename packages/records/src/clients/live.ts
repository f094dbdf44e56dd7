/** The list of clients as a gateway follows it: on a connection of its own, so that no slow write delays a revocation. */
import type { ClientStore, LiveClients, StoredClient } from "@headgate/contract";
import type { DatabasePlace } from "../place.ts";
import { openBriefly } from "../store/open-store.ts";
import { type ClientList, SqlClients } from "./client-store.ts";

/** A change holds everywhere within two looks. */
const LOOK_MS = 400;

export interface LiveClientsInput {
  readonly place: DatabasePlace;
  readonly warn: (message: string) => void;
  readonly nowMs: () => number;
}

export interface OpenClients extends LiveClients {
  close(): Promise<void>;
}

/** The list alone, for a command. @throws as `openLiveClients` */
export async function openClients({
  place,
  warn,
  nowMs,
}: LiveClientsInput): Promise<ClientStore & { close(): Promise<void> }> {
  const driver = await openBriefly(place, warn);
  return Object.assign(new SqlClients(driver, nowMs), { close: () => driver.close() });
}

/**
 * Reads the list once before it resolves; while the database is away, it resolves without one.
 * @throws {Error} with a readable message where the place cannot be used as configured
 */
export async function openLiveClients({ place, warn, nowMs }: LiveClientsInput): Promise<OpenClients> {
  const driver = await openBriefly(place, warn);
  const store = new SqlClients(driver, nowMs);
  const listeners: ((clients: readonly StoredClient[]) => void)[] = [];
  let list: ClientList | undefined;
  let failing = false;
  let ended = false;
  let timer: NodeJS.Timeout | undefined;
  const look = async (): Promise<void> => {
    try {
      if ((await store.version()) !== list?.version) {
        list = await store.read();
        for (const listener of listeners) listener(list.clients);
      }
      if (failing) warn("the list of clients can be read again");
      failing = false;
    } catch (error) {
      if (!failing && !ended)
        warn(
          `the list of clients cannot be read (${error instanceof Error ? error.message : String(error)}); the last one stays in force`,
        );
      failing = true;
    }
  };
  const again = (): void => {
    if (!ended) timer = setTimeout(() => void look().finally(again), LOOK_MS).unref();
  };
  /** A change made here holds here at once. */
  const changed = async <T>(change: Promise<T>): Promise<T> => {
    const answer = await change;
    await look();
    return answer;
  };
  await look();
  again();
  return {
    current: () => list?.clients,
    onChange: (listener) => void listeners.push(listener),
    list: () => store.list(),
    add: (client) => changed(store.add(client)),
    edit: (name, edit) => changed(store.edit(name, edit)),
    rotate: (name, graceMs) => changed(store.rotate(name, graceMs)),
    revoke: (name) => changed(store.revoke(name)),
    async close() {
      ended = true;
      clearTimeout(timer);
      await driver.close();
    },
  };
}
