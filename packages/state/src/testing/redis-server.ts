/** A real server for tests, on a Unix socket of its own; undefined where neither Redis nor Valkey is installed. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const found = ["valkey-server", "redis-server"].find(
  (name) => spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0,
);

export const redisIsHere = found !== undefined;
if (!redisIsHere)
  console.warn("state: neither valkey-server nor redis-server is installed; their tests are skipped");

export class RedisServer {
  readonly #args: readonly string[];
  readonly folder: string = mkdtempSync(join(tmpdir(), "headgate-redis-"));
  readonly socket: string = join(this.folder, "s");
  readonly url: string = `unix://${this.socket}`;
  #child: ChildProcess | undefined;

  constructor(args: readonly string[] = []) {
    this.#args = args;
  }

  /** Ready when this returns. */
  async start(): Promise<this> {
    if (found === undefined) throw new Error("no server is installed");
    const quiet = ["--port", "0", "--unixsocket", this.socket, "--save", "", "--dir", this.folder];
    const child = spawn(found, [...quiet, ...this.#args], { stdio: ["ignore", "pipe", "ignore"] });
    this.#child = child;
    // A test that failed half-way leaves none behind.
    process.once("exit", () => child.kill("SIGKILL"));
    const ready = /Ready to accept connections|now ready to accept/i;
    for await (const line of createInterface({ input: child.stdout })) if (ready.test(line)) break;
    child.stdout.resume();
    return this;
  }

  /** Nothing is saved: its data is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = undefined;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  /** Accepts connections and answers none, as a server that swaps. */
  freeze(): void {
    this.#child?.kill("SIGSTOP");
  }

  thaw(): void {
    this.#child?.kill("SIGCONT");
  }

  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
