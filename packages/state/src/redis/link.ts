/**
 * The connection and its circuit: while the server is away or slow, every command fails at once, and a probe in the
 * background finds out when it is back.
 */
import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import type { Clock } from "../clock.ts";
import { messageOf, StoreSettingError, StoreUnavailable } from "../failures.ts";
import type { RedisAddress } from "./address.ts";

export interface LinkOptions {
  readonly address: RedisAddress;
  readonly clock: Clock;
  /** How long a command may take before its caller goes on without an answer. */
  readonly timeoutMs: number;
  /** Called once per outage. */
  readonly onDegraded: (why: string) => void;
  readonly onRecovered: () => void;
  /** Runs when the server is there (again), before any other command. */
  readonly restore: () => Promise<void>;
}

/** How long a connection may be silent before a new one replaces it. */
const SILENT_MS = 5_000;
const FIRST_RETRY_MS = 50;
const SLOWEST_RETRY_MS = 2_000;

/** What only a person can repair: https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/ */
const SETTING = /^(WRONGPASS|NOAUTH|NOPERM)|invalid password|DB index is out of range|^ERR AUTH/i;
const MOVED = /^(MOVED|ASK|CROSSSLOT)/;

export class RedisLink {
  readonly #options: LinkOptions;
  readonly redis: Redis;
  readonly #loaded = new Map<string, string>();
  #up = false;
  #reported = false;
  #closed = false;
  #stopWatch = (): void => {};
  #why = "it does not answer";
  #settle: ((error?: Error) => void) | undefined;

  constructor(make: typeof Redis, options: LinkOptions) {
    this.#options = options;
    this.redis = new make({
      ...options.address.options,
      // Every version has RESP2, and nothing here needs RESP3.
      protocol: 2,
      lazyConnect: true,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: null,
      connectTimeout: SILENT_MS,
      connectionName: "headgate",
      retryStrategy: (times) => retryMs(times),
      // A replica that was the primary before a failover: connect anew, to the new primary.
      reconnectOnError: (error) => error.message.startsWith("READONLY"),
    });
    this.redis.on("error", (error: Error) => this.#failed(error));
    this.redis.on("connect", () => this.#watch());
    this.redis.on("ready", () => void this.#restore());
    this.redis.on("close", () => this.#down("the connection was closed"));
  }

  get up(): boolean {
    return this.#up;
  }

  /**
   * Waits for the first connection, but not for a server that is away: that is an outage like any other.
   * @throws StoreSettingError when the server refuses us
   */
  async open(): Promise<void> {
    const opened = new Promise<void>((resolve, reject) => {
      this.#settle = (error) => (error === undefined ? resolve() : reject(error));
    });
    const stop = this.#options.clock.after(2_000, () => this.#settle?.());
    this.redis.connect().catch((error: unknown) => this.#failed(error));
    try {
      await opened;
    } catch (error) {
      this.close();
      throw error;
    } finally {
      stop();
      this.#settle = undefined;
    }
    if (!this.#up) this.#report();
  }

  /** @throws StoreUnavailable at once while the server is away, or when it does not answer in time */
  query<T>(send: (redis: Redis) => Promise<T>, timeoutMs = this.#options.timeoutMs): Promise<T> {
    if (!this.#up) return Promise.reject(new StoreUnavailable(`${this.shown} is away: ${this.#why}`));
    return this.#timed(send, timeoutMs);
  }

  #timed<T>(send: (redis: Redis) => Promise<T>, timeoutMs: number): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const timer = setTimeout(() => {
        const why = `no answer within ${timeoutMs} ms`;
        reject(new StoreUnavailable(`${this.shown}: ${why}`));
        if (this.#up) {
          this.#down(why);
          this.#probe();
        }
      }, timeoutMs);
      send(this.redis).then(
        (answer) => {
          clearTimeout(timer);
          resolve(answer);
        },
        (error: unknown) => {
          clearTimeout(timer);
          reject(this.#explain(error));
        },
      );
    });
  }

  /** A call that outlasts the circuit: for `restore`, and for what is delivered behind. */
  during<T>(send: (redis: Redis) => Promise<T>): Promise<T> {
    return this.#timed(send, SILENT_MS);
  }

  /** Runs a script by its digest; sends it whole where the server does not know it. */
  async script(redis: Redis, lua: string, keys: readonly string[], args: readonly (string | number)[]) {
    let sha = this.#loaded.get(lua);
    if (sha === undefined) {
      sha = createHash("sha1").update(lua).digest("hex");
      this.#loaded.set(lua, sha);
    }
    try {
      return await redis.evalsha(sha, keys.length, ...keys, ...args);
    } catch (error) {
      if (!messageOf(error).startsWith("NOSCRIPT")) throw error;
      return redis.eval(lua, keys.length, ...keys, ...args);
    }
  }

  get shown(): string {
    return this.#options.address.shown;
  }

  #explain(error: unknown): Error {
    const text = this.#safe(messageOf(error));
    if (MOVED.test(text)) {
      return new StoreUnavailable(
        `${this.shown} is a node of a cluster that does not hold our keys. Name the node that does in HEADGATE_REDIS_URL, or a proxy in front of the cluster.`,
      );
    }
    return new StoreUnavailable(`${this.shown}: ${text}`, { cause: text });
  }

  /** No message shows a password, whatever the library puts into it. */
  #safe(text: string): string {
    const { password } = this.#options.address.options;
    return password ? text.replaceAll(password, "***") : text;
  }

  #failed(error: unknown): void {
    const text = this.#safe(messageOf(error)) || "the connection failed";
    this.#why = text;
    if (SETTING.test(text)) {
      this.#settle?.(
        new StoreSettingError(
          `HEADGATE_REDIS_URL: ${this.shown} refuses us (${text}). Put the right user and password into the URL, as redis://user:password@host:port.`,
        ),
      );
    } else this.#settle?.();
  }

  /** A connection that is accepted and then silent (the server is stopped, or swaps) is closed. */
  #watch(): void {
    this.#stopWatch();
    this.#stopWatch = this.#options.clock.after(SILENT_MS, () => {
      if (!this.#up && !this.#closed) this.redis.disconnect(true);
    });
  }

  async #restore(): Promise<void> {
    try {
      await this.#options.restore();
    } catch (error) {
      this.#failed(error);
      if (!this.#closed && this.redis.status === "ready") this.redis.disconnect(true);
      return;
    }
    if (this.redis.status !== "ready" || this.#closed) return;
    this.#stopWatch();
    this.#up = true;
    if (this.#reported) this.#options.onRecovered();
    this.#reported = false;
    this.#settle?.();
  }

  /** Slow, but still connected: answers come in order, so one answer shows that all came. */
  #probe(): void {
    this.#watch();
    this.redis.ping().then(
      () => this.#restore(),
      () => {},
    );
  }

  #down(why: string): void {
    if (this.#closed) return;
    const was = this.#up;
    this.#up = false;
    this.#why = why;
    if (was) this.#report();
  }

  #report(): void {
    if (this.#reported) return;
    this.#reported = true;
    this.#options.onDegraded(this.#why);
  }

  close(): void {
    this.#closed = true;
    this.#up = false;
    this.#stopWatch();
    this.redis.disconnect();
  }
}

export const retryMs = (times: number): number =>
  Math.min(SLOWEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(times, 10)) * (0.75 + Math.random() / 2);
