import { afterAll, beforeAll, describe } from "vitest";
import { RedisServer, redisIsHere } from "../testing/redis-server.ts";
import { storeContract } from "../testing/store-suite.ts";
import { redisStore } from "./store.ts";

describe.skipIf(!redisIsHere)("on a real server", () => {
  const server = new RedisServer();
  beforeAll(async () => void (await server.start()));
  afterAll(() => server.stop());
  let memories = 0;

  storeContract(
    "a store in Redis",
    async () => {
      memories += 1;
      const name = `t${memories}`;
      return { open: () => redisStore({ url: server.url, name, lockTtlMs: 200, timeoutMs: 2_000 }) };
    },
    { shared: true, seesProcessLocks: false },
  );
});
