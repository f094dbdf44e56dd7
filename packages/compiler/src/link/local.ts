/** A fragment's `local` and a model's `memory`, normalised: units read, defaults of the driver applied. */
import {
  bytesOf,
  type CatalogBringUp,
  type CatalogLocal,
  DRIVERS,
  type LocalDriver,
  type Model,
  type ModelMemory,
  memoryOfSize,
  type ProviderFragment,
} from "@headgate/contract";
import { durationOf } from "./duration.ts";

type LocalFields = NonNullable<ProviderFragment["local"]>;
type MemoryFields = NonNullable<Model["memory"]>;

const READY_MS = 120_000;
const START_PERIOD_MS = 60_000;

/** @param driver undefined when the provider has no `local`, so that no driver's defaults hold */
export function memoryOf(memory: MemoryFields, driver: LocalDriver | undefined): ModelMemory {
  const { device, options = {}, pinned = false } = memory;
  const { idleUnloadMs: driverIdleMs, ...planned } = memoryOfSize(driver, device, bytesOf(memory.bytes));
  const idleUnloadMs = memory.idle_unload === undefined ? driverIdleMs : durationOf(memory.idle_unload);
  return {
    ...planned,
    ...(memory.transient === undefined ? {} : { transientBytes: bytesOf(memory.transient) }),
    ...(memory.context_token === undefined ? {} : { contextTokenBytes: bytesOf(memory.context_token) }),
    ...(memory.load === undefined ? {} : { loadMs: durationOf(memory.load) }),
    ...(memory.concurrency === undefined ? {} : { concurrency: memory.concurrency }),
    options: Object.fromEntries(
      Object.entries(options)
        .flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
    pinned,
    ...(memory.warm === true ? { warm: true } : {}),
    ...(idleUnloadMs === undefined || pinned ? {} : { idleUnloadMs }),
  };
}

export function localOf({ driver, slots, bring_up }: LocalFields): CatalogLocal {
  const bound = DRIVERS[driver].slots ?? slots;
  return {
    driver,
    ...(bound === undefined ? {} : { slots: bound }),
    ...(bring_up === undefined ? {} : { bringUp: bringUpOf(bring_up) }),
  };
}

function bringUpOf(fields: NonNullable<LocalFields["bring_up"]>): CatalogBringUp {
  const { env, health, ready, compose, process } = fields;
  return {
    default: fields.default,
    env,
    health,
    readyMs: ready === undefined ? READY_MS : durationOf(ready),
    ...(compose === undefined
      ? {}
      : {
          compose: {
            ...(compose.image === undefined ? {} : { image: compose.image }),
            ...(compose.build === undefined ? {} : { build: compose.build }),
            port: compose.port,
            ...(compose.command === undefined ? {} : { command: compose.command }),
            environment: texts(compose.environment),
            ...(compose.data === undefined ? {} : { data: compose.data }),
            ...(compose.health === undefined ? {} : { health: compose.health }),
            startPeriodMs:
              compose.start_period === undefined ? START_PERIOD_MS : durationOf(compose.start_period),
            capabilities: compose.capabilities ?? [],
          },
        }),
    ...(process === undefined
      ? {}
      : {
          process: {
            ...(process.command === undefined ? {} : { command: process.command }),
            ...(process.builtin === undefined ? {} : { builtin: process.builtin }),
            needs: process.needs ?? [],
            args: process.args ?? [],
            environment: texts(process.environment),
            inherit: process.inherit ?? [],
            install: process.install,
          },
        }),
  };
}

const texts = (record: { readonly [key: string]: string | undefined } | undefined): Record<string, string> =>
  Object.fromEntries(
    Object.entries(record ?? {}).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
