/** A fragment's `local` and a model's `memory`, normalised: units read, defaults of the driver applied. */
import {
  type CatalogBringUp,
  type CatalogLocal,
  DRIVERS,
  type LocalDriver,
  type Model,
  type ModelMemory,
  type ProviderFragment,
} from "@headgate/contract";
import { bytesOf } from "./bytes.ts";
import { durationOf } from "./duration.ts";

type LocalFields = NonNullable<ProviderFragment["local"]>;
type MemoryFields = NonNullable<Model["memory"]>;

/** Bytes a second that a cold load reads at least: a slow SSD for the CPU, the same through a warm cache for a GPU. */
const LOAD_RATE = { cpu: 0.5e9, cuda: 1e9 } as const;
/** Starting a runner, whatever its size. */
const LOAD_FLOOR_MS = 2000;
const READY_MS = 120_000;
const START_PERIOD_MS = 60_000;

/** @param driver undefined when the provider has no `local`, so that no driver's defaults hold */
export function memoryOf(memory: MemoryFields, driver: LocalDriver | undefined): ModelMemory {
  const { device, options = {} } = memory;
  const bytes = bytesOf(memory.bytes);
  const facts = driver === undefined ? undefined : DRIVERS[driver];
  const idleUnloadMs =
    memory.idle_unload === undefined ? facts?.idleUnloadMs : durationOf(memory.idle_unload);
  return {
    device,
    bytes,
    transientBytes: memory.transient === undefined ? 0 : bytesOf(memory.transient),
    loadMs:
      memory.load === undefined
        ? Math.round(LOAD_FLOOR_MS + (bytes / LOAD_RATE[device]) * 1000)
        : durationOf(memory.load),
    concurrency: memory.concurrency ?? facts?.concurrency ?? 1,
    options: Object.fromEntries(
      Object.entries(options)
        .flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
    pinned: memory.pinned ?? false,
    ...(idleUnloadMs === undefined || memory.pinned === true ? {} : { idleUnloadMs }),
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
