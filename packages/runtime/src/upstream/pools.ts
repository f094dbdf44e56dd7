import { DEFAULT_TIMEOUTS, type ProviderTimeouts, statedMs } from "@headgate/contract";
import type { Pool as PoolType } from "undici";
// Only the pool: the package's index also loads fetch, WebSocket and a cache, which take 15 MB of memory.
import Pool from "undici/lib/dispatcher/pool.js";
import type { Connection, ProxyRoute, ProxyRoutes } from "./proxies.ts";

/** A pool that counts the connections it has made, so that a request can distinguish a new one from a kept one. */
export class UpstreamPool {
  readonly pool: Connection;
  connectionsMade = 0;
  /** The variable that names the proxy in between; undefined: there is none. */
  readonly proxy: string | undefined;

  constructor(pool: PoolType | ProxyRoute) {
    if ("variable" in pool) {
      this.pool = pool.connection;
      this.proxy = pool.variable;
      return;
    }
    this.pool = pool;
    pool.on("connect", () => {
      this.connectionsMade += 1;
    });
  }
}

/** Connection pools by origin, kept over swaps of the table so that warm connections stay warm. */
export class Pools {
  readonly #pools = new Map<string, UpstreamPool>();
  readonly #operatorsMs: number | undefined;
  readonly #proxies: ProxyRoutes | undefined;

  /**
   * @param operatorsMs the operator's connect timeout; absent: a fragment's or the gateway's own counts
   * @param proxies absent: every origin is reached directly
   */
  constructor(operatorsMs: number | undefined, proxies?: ProxyRoutes) {
    this.#operatorsMs = operatorsMs;
    this.#proxies = proxies;
  }

  get(origin: string, timeouts: ProviderTimeouts): UpstreamPool {
    const connectTimeoutMs = statedMs(this.#operatorsMs, timeouts, "connectMs") ?? DEFAULT_TIMEOUTS.connectMs;
    const id = `${connectTimeoutMs} ${origin}`;
    let pool = this.#pools.get(id);
    if (pool === undefined) {
      const proxied = this.#proxies?.(origin, connectTimeoutMs);
      pool = new UpstreamPool(
        proxied ??
          new Pool(origin, {
            connections: null,
            pipelining: 1,
            connect: { timeout: connectTimeoutMs },
            // The attempt has its own timers.
            headersTimeout: 0,
            bodyTimeout: 0,
            keepAliveTimeout: 10_000,
            allowH2: false,
          }),
      );
      this.#pools.set(id, pool);
    }
    return pool;
  }

  /** Closes pools that the given set does not hold, once their requests are done. */
  async keepOnly(used: ReadonlySet<UpstreamPool>): Promise<void> {
    const unused = [...this.#pools].filter(([, pool]) => !used.has(pool));
    for (const [id] of unused) this.#pools.delete(id);
    await Promise.all(unused.map(([, { pool }]) => pool.close()));
  }

  async destroy(): Promise<void> {
    const pools = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(pools.map(({ pool }) => pool.destroy()));
  }
}
