/** `headgate serve`: build, launch, apply changes, drain. */
import cluster from "node:cluster";
import { chmodSync, constants, copyFileSync, existsSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { type Options, present, type RoutingTable, readOptions } from "@headgate/contract";
import { createLog, type Log } from "@headgate/runtime";
import { type Cli, EXIT, Failure } from "../cli.ts";
import { readOrCreateClientKey } from "../client-key.ts";
import { type EnvFile, exposedFiles, overlayOf, readEnvFile, readOptionEnvironment } from "../environment.ts";
import { watchableFound } from "../found-file.ts";
import { findPlace, type Place, resolveStateDir } from "../place.ts";
import type { GatewayWhere } from "../running-gateway.ts";
import { sealedPath } from "../secrets/sealed-file.ts";
import { quote, selfCommand } from "../self-command.ts";
import { makeStateDir } from "../state-dir.ts";
import { type BuildTable, readSecrets, type TableSource, tableBuilder } from "./active-table.ts";
import { asFailure, runHere } from "./alone.ts";
import { banner } from "./banner.ts";
import { clientsFile } from "./clients-file.ts";
import { FoundWatch } from "./found-watch.ts";
import { localBring } from "./local.ts";
import { buildPage } from "./page-files.ts";
import { refreshCommand, ScheduledRefresh } from "./scheduled-refresh.ts";
import type { Running, ServeOptions, Setup } from "./setup.ts";
import { newMeanings } from "./told-once.ts";
import { trimMemory } from "./trim-memory.ts";
import { onChange } from "./watch.ts";

/** @returns the exit code, once the gateway has been stopped. */
export async function serve(cli: Cli, given: ServeOptions): Promise<number> {
  const place = findPlace(cli, given.root);
  if (given.envFile === undefined) makeEnvFile(cli, place);
  const readEnv = (): EnvFile => readEnvFile({ cwd: cli.cwd, env: cli.env, ...place, given: given.envFile });
  const options = gatewayOptions(cli, given, readEnv());
  const stateDir = resolveStateDir(cli.cwd, place.home, given.stateDir, options.stateDir);
  makeStateDir(stateDir);
  const clientKey = options.apiKey ?? readOrCreateClientKey(stateDir).key;
  const format = options.logFormat === "auto" ? (cli.terminal ? "text" : "json") : options.logFormat;
  const log = createLog(options.logLevel, (line) => cli.err(line), { format, nowMs: cli.nowMs });
  const source: TableSource = {
    cwd: cli.cwd,
    root: given.root,
    envFile: given.envFile,
    stateDir,
    env: cli.env,
    colour: cli.colour(),
  };
  const buildTable = tableBuilder(source, (text) => cli.err(text));
  const found = new FoundWatch({
    stateDir,
    log,
    secrets: (table) => readSecrets(table, readEnv(), cli.env),
  });
  const modelsChanged = (): void => found.poke();
  const setup: Setup = { cli, given, options, stateDir, clientKey, log, readEnv, modelsChanged };
  if (cluster.isWorker) return (await import("./workers.ts")).beWorker(setup);

  // Before anything else, so that a second one in the background ends at once.
  const background =
    given.background === true
      ? (await import("../background/hold.ts")).holdBackground(stateDir, given)
      : undefined;
  const local = localBring(setup, place);
  const clients = clientsFile(setup, () => overlayOf(place, readEnv(), cli.env));
  let before = readEnv();
  // Watching begins before the first read, so that no change is missed between the two.
  const started = Promise.withResolvers<Running>();
  const watching = await onChange(
    [
      ...watched(cli, given, place, overlayOf(place, before, cli.env)),
      ...keyFiles(before),
      watchableFound(stateDir),
    ],
    async () => {
      const running = await started.promise;
      try {
        const envFile = readEnv();
        if (isEmptied(envFile, before)) {
          log.warn(".env is empty now; the gateway keeps the old routing table until it has a line again");
          return;
        }
        before = envFile;
        warnAboutOptions(cli, given, envFile, options, log);
        const table = await buildTable();
        if (table === undefined) log.error("the change has errors; the gateway keeps the old routing table");
        else {
          if (await running.applyChange(table)) {
            found.follow(running.table);
            logApplied(running.table, log);
            await local.apply(running.table);
          }
          await clients.apply();
        }
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        log.error(`the change cannot be applied; the gateway keeps the old routing table: ${why}`);
      }
    },
  );

  if (options.page === "on") buildPage(log);
  const refresh = new ScheduledRefresh({
    period: options.refresh,
    stateDir,
    nowMs: cli.nowMs,
    log,
    run: refreshCommand(cli, filesOf(cli, given)),
  });

  try {
    const running = await run(setup, await firstTable(buildTable, found));
    // Before the address is printed: a signal that comes right after it lets running requests finish too.
    const stopped = untilStopped(running, log, options);
    stopped.catch(() => undefined);
    // Loaded here, so that a worker does not load it.
    const { joinNeighbours } = await import("./neighbours.ts");
    const neighbours = joinNeighbours(stateDir, running.url);
    const text = banner({
      table: running.table,
      version: cli.version,
      url: running.url,
      neighbours: neighbours.urls,
      command: (name) => ownCommand(cli, given, name),
      colour: cli.colour(),
    });
    const link =
      options.page === "on" && cli.terminal ? await pageLines(cli, { ...given, url: running.url }) : "";
    if (background === undefined) cli.out(link === "" ? text : `${text}${link}\n`);
    else {
      log.info("serves in the background", { url: running.url });
      background.up(running.url, text);
    }
    trimMemory();
    await local.apply(running.table);
    for (const sentence of exposedFiles(before)) log.warn(sentence);
    for (const sentence of newMeanings(stateDir, running.table, readEnv().variables)) log.warn(sentence);
    void clients.apply();
    started.resolve(running);
    found.begin();
    refresh.begin();
    await stopped.finally(() => {
      neighbours.leave();
      return local.close();
    });
  } finally {
    found.close();
    await refresh.close();
    await watching.close();
    background?.leave();
  }
  return EXIT.ok;
}

/** The page's address, with a link that signs in once. */
async function pageLines(cli: Cli, where: GatewayWhere): Promise<string> {
  const { signInLink } = await import("../commands/open.ts");
  const link = await signInLink(cli, where).catch(() => undefined);
  if (link === undefined) return "";
  return `The page, signed in (works once, within a minute; later: headgate open):\n  ${link}`;
}

/** With what servers of one's own have now, where they answer at once. */
async function firstTable(buildTable: BuildTable, found: FoundWatch): Promise<RoutingTable> {
  const table = await buildTable();
  if (table === undefined) throw new Failure("the catalogue or .env has errors; nothing is served");
  found.follow(table);
  return (await found.look()) ? ((await buildTable()) ?? table) : table;
}

async function run(setup: Setup, table: RoutingTable): Promise<Running> {
  const { options, stateDir, log } = setup;
  if (options.workers > 1) return (await import("./workers.ts")).runWorkers(setup, table);
  const { openGatewayStore } = await import("@headgate/runtime/state");
  const store = await openGatewayStore(options, stateDir, log).catch(asFailure);
  try {
    const running = await runHere(setup, store, table);
    return {
      ...running,
      get table() {
        return running.table;
      },
      close: async () => {
        await running.close();
        await store.close();
      },
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

function logApplied({ providers, deployments }: RoutingTable, log: Log): void {
  const names = providers.map((provider) => provider.id).join(", ");
  log.info("applied the change", { models: deployments.length, active: names === "" ? "nothing" : names });
}

/** Something emptied the file, such as an editor that failed: a person who means it stops the gateway. */
const isEmptied = (now: EnvFile, before: EnvFile): boolean =>
  now.raw?.trim() === "" && (before.raw ?? "").trim() !== "";

/** A first start has no .env: it is copied from the example, readable by its owner only. */
function makeEnvFile(cli: Cli, { root, home }: Place): void {
  const path = join(home, ".env");
  const example = join(root, ".env.example");
  if (existsSync(path) || !existsSync(example)) return;
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    copyFileSync(example, path, constants.COPYFILE_EXCL);
  } catch (error) {
    // Another gateway that started at the same moment has copied it.
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return;
    throw error;
  }
  chmodSync(path, 0o600);
  cli.err(`made ${path}: set a flag to 1 and fill in its key to switch a provider on\n`);
}

function gatewayOptions(cli: Cli, given: ServeOptions, envFile: EnvFile): Options {
  const { options, problems } = readOptions(readOptionEnvironment(envFile, cli.env).values);
  if (problems.length > 0) {
    throw new Failure(problems.map(({ env, message }) => `${env} ${message}`).join("\nheadgate: "));
  }
  return {
    ...options,
    ...present({ host: given.host, port: given.port === undefined ? undefined : Number(given.port) }),
  };
}

function warnAboutOptions(cli: Cli, given: ServeOptions, envFile: EnvFile, running: Options, log: Log): void {
  const next = gatewayOptions(cli, given, envFile);
  if (!isDeepStrictEqual(next, running))
    log.warn("HEADGATE_ options changed; they take effect at the next start");
}

/** A command of this gateway: with the flags by which it was started. */
function ownCommand(cli: Cli, given: ServeOptions, name: string): string {
  return [selfCommand(cli), name, ...filesOf(cli, given).map(quote)].join(" ");
}

/** The flags that name the same files to another command. */
const filesOf = (cli: Cli, given: ServeOptions): string[] =>
  (
    [
      ["--root", given.root],
      ["--env-file", given.envFile],
      ["--state-dir", given.stateDir],
    ] as const
  ).flatMap(([flag, path]) => (path === undefined ? [] : [flag, resolve(cli.cwd, path)]));

const watched = (cli: Cli, given: ServeOptions, { root, home }: Place, overlayDir: string): string[] => [
  given.envFile === undefined ? join(home, ".env") : resolve(cli.cwd, given.envFile),
  join(root, "providers"),
  join(root, "models"),
  join(root, "fallbacks"),
  overlayDir,
];

/** Keys outside .env. A folder that does not exist yet is no matter: its files are noticed once they are made. */
const keyFiles = ({ path, keysPath }: EnvFile): string[] => [
  sealedPath(path),
  ...(keysPath === undefined ? [] : [keysPath]),
];

/** After the drain time, for closing what requests used. */
const OVERDUE_MS = 2_000;

/** Resolves after a signal, once running requests are done. A second signal ends the process at once. */
function untilStopped(running: Running, log: Log, options: Options): Promise<void> {
  return new Promise((resolve, reject) => {
    let stopping = false;
    const stop = (signal: NodeJS.Signals): void => {
      if (stopping) process.exit(signal === "SIGINT" ? 130 : 143);
      stopping = true;
      log.info(
        `stopping: running requests have up to ${options.drainTimeoutMs / 1000} s; a second signal stops at once`,
      );
      setTimeout(() => {
        log.error("stopping took longer than the drain time; the process ends now");
        process.exit(EXIT.failed);
      }, options.drainTimeoutMs + OVERDUE_MS).unref();
      running.close().then(resolve, reject);
    };
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
  });
}
