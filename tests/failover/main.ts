/** `make failover`: the sixteen scenarios of FailoverBench through real gateways in three set-ups. */
import { parseArgs } from "node:util";
import { PUBLISHED_TIMINGS } from "./faults.ts";
import { cellOf, meetsBar, sumsOf, tableOf } from "./report.ts";
import { runSetup } from "./run.ts";
import { SCENARIOS } from "./scenarios.ts";
import { SETUPS } from "./setups.ts";

const USAGE = `make failover ARGS="[--only <S01,S02>] [--setup <name>] [--in-sequence] [--json] [--no-bars]"

  --only <ids>    these scenarios, comma-separated (default: all sixteen)
  --setup <name>  one set-up: ${SETUPS.map(({ id }) => id).join(", ")} (default: all)
  --in-sequence   S15 in turn with the others, through the same gateway, as published (slower)
  --json          one JSON document with every check and attempt in place of the table
  --no-bars       exit with 0 below the bars too`;

/** The version that was read; docs/failover.md says more. */
const METHODOLOGY = { version: "0.1", catalogue: "2026-09", readOn: "2026-12-01" };
const INTERRUPTED = 130;

function chosen<Item extends { readonly id: string }>(
  option: string,
  items: readonly Item[],
  text: string | undefined,
): readonly Item[] {
  if (text === undefined) return items;
  const ids = text.split(",").map((id) => id.trim().toLowerCase());
  const unknown = ids.filter((id) => !items.some((item) => item.id.toLowerCase() === id));
  if (unknown.length > 0)
    throw new Error(
      `${option}: no such name: ${unknown.join(", ")}; choose from ${items.map(({ id }) => id).join(", ")}`,
    );
  return items.filter((item) => ids.includes(item.id.toLowerCase()));
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: "string" },
      setup: { type: "string" },
      "in-sequence": { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      "no-bars": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return 0;
  }
  const scenarios = chosen("--only", SCENARIOS, values.only);
  const setups = chosen("--setup", SETUPS, values.setup);
  const ending = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => ending.abort());

  const startMs = performance.now();
  const running = setups.map((setup) =>
    runSetup(setup, scenarios, {
      timings: PUBLISHED_TIMINGS,
      inSequence: values["in-sequence"],
      signal: ending.signal,
      onResult: ({ id }, result) => console.error(`${id.padEnd(11)} ${result.id} ${cellOf(result)}`),
    }),
  );
  // All must end before the first failure is reported, so that no gateway is left behind.
  const settled = await Promise.allSettled(
    running.map((setup) => setup.catch((error: unknown) => Promise.reject(abortAll(ending, error)))),
  );
  if (ending.signal.aborted && ending.signal.reason instanceof DOMException) return INTERRUPTED;
  const results = settled.map((outcome) => {
    if (outcome.status === "rejected") throw ending.signal.reason;
    return outcome.value;
  });
  const met = results.every((setup) => meetsBar(setup, SCENARIOS.length));
  const seconds = (performance.now() - startMs) / 1000;
  if (values.json) {
    const document = {
      methodology: METHODOLOGY,
      timings: PUBLISHED_TIMINGS,
      seconds,
      met,
      setups: results.map((setup) => ({
        ...setup,
        sums: sumsOf(setup.results),
        met: meetsBar(setup, SCENARIOS.length),
      })),
    };
    console.log(JSON.stringify(document, undefined, 2));
  } else console.log(`${tableOf(results, SCENARIOS.length)}\n\n${seconds.toFixed(0)} s`);
  return met || values["no-bars"] ? 0 : 1;
}

function abortAll(ending: AbortController, error: unknown): unknown {
  if (!ending.signal.aborted) ending.abort(error);
  return error;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`failover: ${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  process.exitCode = 2;
}
