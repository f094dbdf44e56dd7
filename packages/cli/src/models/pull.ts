/** `headgate models pull`: assemble, download, report. Nothing here catches Ctrl-C, so that it stops at once. */
import {
  type Catalog,
  closest,
  type Deployment,
  type RoutedProvider,
  type RoutingTable,
  withTag,
} from "@headgate/contract";
import { listOllama, PullError, type PullProgress, pullOllama } from "@headgate/resources";
import { assemble } from "../assemble.ts";
import { type Cli, count, EXIT, Failure } from "../cli.ts";
import { report, summarise } from "../report.ts";
import { percent, sizeOf } from "./size.ts";

export interface PullOptions {
  readonly envFile?: string;
  readonly json?: true;
  readonly provider?: string;
  readonly root?: string;
  readonly update?: true;
}

/** As `--json` prints it. */
interface PullRow {
  readonly provider: string;
  readonly alias: string;
  /** The backend's own name for it. */
  readonly model: string;
  /** `present`: it was downloaded already. `unmanaged`: its backend takes no download request. */
  readonly state: "pulled" | "present" | "failed" | "unmanaged";
  readonly bytes?: number;
  readonly message?: string;
}

interface Wanted {
  readonly provider: RoutedProvider;
  readonly deployment: Pick<Deployment, "alias" | "upstream">;
  /** Its server does not have it. */
  readonly absent: boolean;
}

export async function pull(cli: Cli, names: readonly string[], options: PullOptions): Promise<number> {
  const assembly = await assemble(cli, options);
  const { resolved, compilation } = assembly;
  if (resolved === undefined) {
    report(cli, "pretty", assembly, true);
    cli.err(summarise(assembly, compilation.providerCount, compilation.modelCount));
    return EXIT.failed;
  }
  const wanted = chosen(localModels(resolved.table, resolved.catalog), names, options.provider);
  const rows: PullRow[] = [];
  for (const [provider, models] of Map.groupBy(wanted, (one) => one.provider)) {
    rows.push(...(await pullAt(cli, provider, models, options)));
  }
  if (options.json === true) cli.out(JSON.stringify({ ok: isGood(rows), models: rows }, null, 2));
  else cli.out(summary(rows));
  return isGood(rows) ? EXIT.ok : EXIT.failed;
}

const isGood = (rows: readonly PullRow[]): boolean => rows.every(({ state }) => state !== "failed");

/** Those that are offered, and those that .env or the catalogue names and their server does not have yet. */
const localModels = ({ providers, deployments, inactive }: RoutingTable, catalog: Catalog): Wanted[] => {
  const upstreams = new Map(
    catalog.providers.flatMap(({ models }) =>
      models.map(({ alias, upstream }) => [alias, upstream] as const),
    ),
  );
  return providers.flatMap((provider, index): Wanted[] => {
    if (provider.local === undefined) return [];
    const offered = deployments.filter((deployment) => deployment.provider === index);
    const absent = inactive.filter((model) => model.provider === provider.id && model.absent === true);
    return [
      ...offered.map((deployment) => ({ provider, deployment, absent: false })),
      ...absent.map(({ alias }) => ({
        provider,
        deployment: { alias, upstream: upstreams.get(alias) ?? alias },
        absent: true,
      })),
    ];
  });
};

/** @throws {Failure} for a name that no active local model has, and when there is none at all */
function chosen(all: readonly Wanted[], names: readonly string[], only: string | undefined): Wanted[] {
  const here = all.filter(({ provider }) => only === undefined || provider.id === only);
  if (here.length === 0) {
    throw new Failure(
      only === undefined || all.length === 0
        ? "no local backend is active; set OLLAMA=1 or another local flag in .env"
        : `no active local backend is called ${only}; there ${ids(all).length === 1 ? "is" : "are"} ${ids(all).join(", ")}`,
    );
  }
  // What a server that offers all it has does not have, is not missing.
  if (names.length === 0)
    return here.filter(({ absent, provider }) => !absent || provider.local?.offer !== "all");
  const open = here.find(({ provider }) => provider.local?.offer === "all")?.provider;
  const found = new Set<Wanted>();
  for (const name of names) {
    const matching = here.filter(
      ({ deployment }) => deployment.alias === name || withTag(deployment.upstream) === withTag(name),
    );
    if (matching.length > 0) for (const one of matching) found.add(one);
    else if (open !== undefined)
      found.add({ provider: open, deployment: { alias: name, upstream: name }, absent: true });
    else {
      const near = closest(
        name,
        here.flatMap(({ deployment }) => [deployment.alias, deployment.upstream]),
      );
      throw new Failure(
        `no active local model is called ${name}${near === undefined ? "" : `; did you mean ${near}?`}`,
      );
    }
  }
  return [...found];
}

const ids = (all: readonly Wanted[]): string[] => [...new Set(all.map(({ provider }) => provider.id))];

async function pullAt(
  cli: Cli,
  provider: RoutedProvider,
  models: readonly Wanted[],
  options: PullOptions,
): Promise<PullRow[]> {
  const rowOf = ({ deployment }: Wanted, result: Pick<PullRow, "state" | "bytes" | "message">): PullRow => ({
    provider: provider.id,
    alias: deployment.alias,
    model: deployment.upstream,
    ...result,
  });
  const { baseUrl } = provider;
  if (provider.local?.driver !== "ollama" || baseUrl === undefined) {
    const message = "it fetches models itself, or reads them from its folder";
    cli.err(`${provider.id}: ${message}`);
    return models.map((model) => rowOf(model, { state: "unmanaged", message }));
  }
  let downloaded: ReadonlySet<string>;
  try {
    downloaded = await listOllama(baseUrl);
  } catch (error) {
    const message = `${provider.id} at ${baseUrl}: ${messageOf(error)}`;
    cli.err(`${message}; start it, with \`headgate serve\` or by itself`);
    return models.map((model) => rowOf(model, { state: "failed", message }));
  }
  const rows: PullRow[] = [];
  for (const model of models) {
    const { upstream } = model.deployment;
    if (downloaded.has(withTag(upstream)) && options.update !== true) {
      rows.push(rowOf(model, { state: "present" }));
      continue;
    }
    const show = shower(cli, `${provider.id} ${upstream}`);
    try {
      const bytes = await pullOllama({ baseUrl, model: upstream, onProgress: show });
      cli.progress("");
      cli.err(`${provider.id} ${upstream}: downloaded${bytes === 0 ? "" : `, ${sizeOf(bytes)}`}`);
      rows.push(rowOf(model, { state: "pulled", bytes }));
    } catch (error) {
      cli.progress("");
      const message = messageOf(error);
      cli.err(`${provider.id} ${upstream}: failed: ${message}`);
      rows.push(rowOf(model, { state: "failed", message }));
    }
  }
  return rows;
}

/** On a terminal one line that changes; otherwise one line at the start and at each quarter. */
function shower(cli: Cli, name: string): (progress: PullProgress) => void {
  let loggedQuarter = -1;
  return ({ status, doneBytes, totalBytes }) => {
    const figures =
      totalBytes === 0
        ? status
        : `${percent(doneBytes, totalBytes)}  ${sizeOf(doneBytes)} of ${sizeOf(totalBytes)}`;
    if (cli.terminal) {
      cli.progress(`${name}  ${figures}`);
      return;
    }
    const quarter = totalBytes === 0 ? 0 : Math.floor((doneBytes / totalBytes) * 4);
    if (quarter <= loggedQuarter || quarter === 4) return;
    loggedQuarter = quarter;
    cli.err(`${name}: ${figures}`);
  };
}

const messageOf = (error: unknown): string => {
  if (error instanceof PullError) return error.message;
  throw error;
};

function summary(rows: readonly PullRow[]): string {
  const of = (state: PullRow["state"]): number => rows.filter((row) => row.state === state).length;
  const parts = [
    `${of("pulled")} of ${count(rows.length - of("unmanaged"), "model")} downloaded`,
    ...(of("present") === 0 ? [] : [`${of("present")} already downloaded`]),
    ...(of("failed") === 0 ? [] : [`${of("failed")} failed`]),
  ];
  return parts.join(", ");
}
