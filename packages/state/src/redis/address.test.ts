import { describe, expect, it } from "vitest";
import { StoreSettingError } from "../failures.ts";
import { readRedisUrl } from "./address.ts";

describe("HEADGATE_REDIS_URL", () => {
  it("states host, port, account, database and TLS", () => {
    expect(readRedisUrl("redis://cache")).toEqual({
      options: { host: "cache", port: 6379 },
      shown: "cache:6379",
    });
    expect(readRedisUrl("rediss://me:p%40ss@[::1]:7000/3")).toEqual({
      options: {
        host: "::1",
        port: 7000,
        username: "me",
        password: "p@ss",
        db: 3,
        tls: { servername: "::1" },
      },
      shown: "[::1]:7000",
    });
    expect(readRedisUrl("valkeys://v").options.tls).toEqual({ servername: "v" });
    expect(readRedisUrl("unix:///run/redis.sock")).toEqual({
      options: { path: "/run/redis.sock" },
      shown: "/run/redis.sock",
    });
    expect(readRedisUrl("unix://:pass@localhost/run/redis.sock").options).toEqual({
      path: "/run/redis.sock",
      password: "pass",
    });
  });

  it.each([
    ["cache:secret@host", "none of redis"],
    ["no url secret", "is no URL"],
    ["http://:secret@host", "none of redis"],
    ["redis:///0?secret", "names no host"],
    ["redis://:secret@host/first", "no number"],
    ["redis://:secret%@host", "no escape"],
    ["unix://secret", "names no socket"],
  ])("that is wrong is refused with a way out, and never shown: %s", (url, why) => {
    const read = (): unknown => readRedisUrl(url);
    expect(read).toThrow(StoreSettingError);
    expect(read).toThrow(why);
    expect(read).toThrow("Write redis://");
    expect(read).not.toThrow("secret");
  });
});
