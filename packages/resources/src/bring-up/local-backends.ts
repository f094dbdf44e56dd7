/**
 * Brings up the local backends that a routing table names, in the background, and follows changes of the table.
 * Nothing here keeps the gateway from serving: what is missing is logged with its remedy.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { RoutingTable } from "@headgate/contract";
import { answers } from "./answers.ts";
import { type ComposePlace, composeRuns, composeStop, composeUp } from "./compose.ts";
import { programEnvironment } from "./environment.ts";
import { firstPull } from "./first-pull.ts";
import { withoutSecrets } from "./log-tail.ts";
import { type ProcessState, SupervisedProcess, type Timing } from "./process.ts";
import { programOf } from "./program.ts";
import { composeLack, gpuLack, type Lack, type Run, runner } from "./requirements.ts";
import { type Task, taskKey, tasksOf } from "./tasks.ts";

export type Say = (level: "error" | "warn" | "info" | "debug", message: string) => void;

export interface LocalBackendsInput {
  /** A clause each, starting with the provider's id. */
  readonly say: Say;
  readonly shell: Readonly<Record<string, string | undefined>>;
  /** Where notes about started programs are kept. */
  readonly stateDir: string;
  /** Where backends keep their models. */
  readonly dataDir: string;
  /** Undefined: there are no compose files, as in an installed package. */
  readonly compose: ComposePlace | undefined;
  /** Values that must not show in the log. */
  readonly hidden?: readonly string[];
  readonly timing?: Partial<Timing>;
  /** For tests: how commands are run. */
  readonly run?: Run;
}

interface Backend {
  readonly key: string;
  readonly ended: AbortController;
  readonly task: Task;
  process?: SupervisedProcess;
  /** True once its container was started here. */
  container?: boolean;
  state: "coming" | "up" | "adopted" | "lacking" | "failed" | "stopped";
  work: Promise<void>;
  /** Downloads of its models, begun once it was up. */
  pulling?: Promise<void>;
}

const POLL_MS = 1000;
const SHOWN_LINES = 5;

export class LocalBackends {
  readonly #input: LocalBackendsInput;
  readonly #run: Run;
  readonly #backends = new Map<string, Backend>();
  #closed = false;

  constructor(input: LocalBackendsInput) {
    this.#input = input;
    this.#run = input.run ?? runner(programEnvironment(input.shell, DOCKER_VARIABLES, {}));
  }

  /** How each one is, by its provider's id. */
  get states(): ReadonlyMap<string, Backend["state"]> {
    return new Map([...this.#backends].map(([id, { state }]) => [id, state]));
  }

  /** Takes up a table: starts what is new, stops what is gone. Returns at once; the work goes on behind. */
  apply(table: RoutingTable): void {
    if (this.#closed) return;
    const tasks = new Map(tasksOf(table).map((task) => [task.id, task]));
    for (const [id, backend] of [...this.#backends]) {
      const task = tasks.get(id);
      if (task !== undefined && taskKey(task) === backend.key) tasks.delete(id);
      else {
        this.#backends.delete(id);
        const leaving = this.#end(backend, true);
        if (task !== undefined) {
          tasks.delete(id);
          this.#begin(task, leaving);
        }
      }
    }
    for (const task of tasks.values()) this.#begin(task, Promise.resolve());
  }

  /** Resolves when nothing is being brought up or downloaded any more, ready or not. */
  async settled(): Promise<void> {
    await Promise.all(
      [...this.#backends.values()].map(async (backend) => {
        await backend.work;
        await backend.pulling;
      }),
    );
  }

  /** Stops the programs. Containers stay: `make down` stops them. */
  async close(): Promise<void> {
    this.#closed = true;
    const all = [...this.#backends.values()];
    this.#backends.clear();
    await Promise.all(all.map((backend) => this.#end(backend, false)));
  }

  #begin(task: Task, after: Promise<void>): void {
    const backend: Backend = {
      key: taskKey(task),
      task,
      ended: new AbortController(),
      state: "coming",
      work: Promise.resolve(),
    };
    this.#backends.set(task.id, backend);
    backend.work = after
      .then(() => this.#bringUp(backend))
      .catch((error: unknown) => {
        backend.state = "failed";
        this.#say(
          "error",
          task.id,
          `could not be brought up: ${error instanceof Error ? error.message : String(error)}`,
        );
      });
  }

  async #end(backend: Backend, containers: boolean): Promise<void> {
    backend.ended.abort();
    await backend.process?.stop();
    await backend.work;
    await backend.pulling;
    const { bringUp, id } = backend.task;
    const { compose } = this.#input;
    if (containers && backend.container === true && bringUp.way === "compose" && compose !== undefined) {
      const stopped = await composeStop(this.#run, compose, bringUp.service);
      if (!stopped.ok) this.#say("warn", id, `its container could not be stopped: ${stopped.why}`);
    }
    backend.state = "stopped";
  }

  #say(level: Parameters<Say>[0], id: string, message: string): void {
    this.#input.say(level, withoutSecrets(`${id}: ${message}`, this.#input.hidden ?? []));
  }

  #lacks(backend: Backend, { what, fix }: Lack): void {
    backend.state = "lacking";
    this.#say("error", backend.task.id, `it cannot be brought up: ${what}; ${fix}`);
  }

  async #bringUp(backend: Backend): Promise<void> {
    if (backend.ended.signal.aborted) return;
    return backend.task.bringUp.way === "compose" ? this.#contain(backend) : this.#supervise(backend);
  }

  async #supervise(backend: Backend): Promise<void> {
    const { task, ended } = backend;
    const { id, bringUp, healthUrl } = task;
    if (bringUp.way !== "process") return;
    const { shell, stateDir, dataDir, timing, hidden = [] } = this.#input;
    const data = join(dataDir, id);
    const found = programOf(task, bringUp.process, { shell, data, node: process.execPath });
    if ("lack" in found) {
      if (await answers(healthUrl, ended.signal)) return this.#adopt(backend);
      return this.#lacks(backend, found.lack);
    }
    if (task.gpu) {
      const lack = await gpuLack(this.#run);
      if (lack !== undefined) return this.#lacks(backend, lack);
    }
    if (JSON.stringify(bringUp.process).includes("{data}")) mkdirSync(data, { recursive: true });
    const settled = Promise.withResolvers<void>();
    const supervised = new SupervisedProcess({
      program: found.program,
      healthy: (signal) => answers(healthUrl, signal),
      notePath: join(stateDir, "local", `${id}.json`),
      timing: { readyMs: bringUp.readyMs, ...timing },
      hidden,
      onLine: (line) => this.#say("debug", id, line),
      onState: (state, why, lines) => {
        this.#logState(backend, state, why, lines);
        if (state !== "starting" && state !== "waiting") settled.resolve();
      },
    });
    // What an earlier gateway left behind must not be taken for one that is to stay.
    await supervised.clear();
    if (ended.signal.aborted) return;
    if (await answers(healthUrl, ended.signal)) return this.#adopt(backend);
    if (ended.signal.aborted) return;
    backend.process = supervised;
    if (await supervised.start()) await settled.promise;
    else this.#say("warn", id, "another gateway is bringing it up");
  }

  #logState(backend: Backend, state: ProcessState, why: string, lines: readonly string[]): void {
    const { id } = backend.task;
    const output = lines
      .slice(-SHOWN_LINES)
      .map((line) => ` | ${line}`)
      .join("");
    switch (state) {
      case "starting":
        backend.state = "coming";
        this.#say("debug", id, why);
        break;
      case "ready":
        this.#up(backend);
        break;
      case "waiting":
        backend.state = "coming";
        this.#say("warn", id, `${why}${output}`);
        break;
      case "failed":
        backend.state = "failed";
        this.#say("error", id, `given up: ${why}${output}`);
        break;
      case "stopped":
        backend.state = "stopped";
    }
  }

  #up(backend: Backend): void {
    const { id, driver, baseUrl, models, healthUrl } = backend.task;
    backend.state = "up";
    this.#say("info", id, `up at ${new URL(healthUrl).host}`);
    if (driver !== "ollama" || backend.pulling !== undefined) return;
    backend.pulling = firstPull({
      baseUrl,
      models,
      say: (level, message) => this.#say(level, id, message),
      signal: backend.ended.signal,
    });
  }

  #adopt(backend: Backend): void {
    backend.state = "adopted";
    this.#say("info", backend.task.id, `runs already at ${new URL(backend.task.healthUrl).host}`);
  }

  async #contain(backend: Backend): Promise<void> {
    const { task, ended } = backend;
    const { id, bringUp, healthUrl, gpu } = task;
    if (bringUp.way !== "compose") return;
    const { compose } = this.#input;
    if (await answers(healthUrl, ended.signal)) {
      const ours = compose !== undefined && (await composeRuns(this.#run, compose, bringUp.service));
      if (!ours || ended.signal.aborted) return this.#adopt(backend);
      backend.container = true;
      this.#up(backend);
      return;
    }
    if (ended.signal.aborted) return;
    if (compose === undefined) {
      return this.#lacks(backend, {
        what: "there are no compose files here",
        fix: `use a checkout of the repository, or set ${bringUp.env}=external and its address`,
      });
    }
    const lack = await composeLack(this.#run, gpu, bringUp.env);
    if (lack !== undefined) return this.#lacks(backend, lack);
    if (ended.signal.aborted) return;
    this.#say("info", id, "its container is being started; the first time its image is downloaded");
    backend.container = true;
    const started = await composeUp(this.#run, compose, bringUp.service, ended.signal);
    if (ended.signal.aborted) return;
    if (!started.ok) {
      backend.state = "failed";
      return this.#say("error", id, `its container could not be started: ${started.why}`);
    }
    const giveUpAtMs = performance.now() + (this.#input.timing?.readyMs ?? bringUp.readyMs);
    const pollMs = this.#input.timing?.pollMs ?? POLL_MS;
    while (!ended.signal.aborted) {
      if (await answers(healthUrl, ended.signal)) {
        this.#up(backend);
        return;
      }
      if (performance.now() >= giveUpAtMs) {
        backend.state = "failed";
        return this.#say(
          "error",
          id,
          `its container runs and does not answer at ${healthUrl}; look at \`docker compose logs ${bringUp.service}\``,
        );
      }
      await new Promise((wake) => setTimeout(wake, pollMs));
    }
  }
}

/** The docker client finds its engine and its settings by these. */
const DOCKER_VARIABLES = ["DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "HEADGATE_DATA_DIR"] as const;
