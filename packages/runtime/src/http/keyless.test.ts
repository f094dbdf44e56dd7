import { describe, expect, it } from "vitest";
import { isFromHere } from "./keyless.ts";

describe("a request that may come without a key", () => {
  it.each(["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1"])("comes over loopback, from %s", (peer) => {
    expect(isFromHere(peer, { host: "127.0.0.1:4000" })).toBe(true);
  });

  it.each(["192.168.1.2", "::ffff:10.0.0.1", "2001:db8::1", "127.0.0.1.example", undefined])(
    "comes from no other machine, such as %s",
    (peer) => {
      expect(isFromHere(peer, { host: "127.0.0.1:4000" })).toBe(false);
    },
  );

  it.each(["localhost", "localhost:4000", "127.0.0.1:4000", "[::1]:4000"])("is meant for %s", (host) => {
    expect(isFromHere("127.0.0.1", { host })).toBe(true);
  });

  it.each(["evil.example:4000", "127.0.0.1.evil.example", "localhost.evil.example", "", undefined])(
    "is not meant for %s, whose name a web page may have pointed here",
    (host) => {
      expect(isFromHere("127.0.0.1", host === undefined ? {} : { host })).toBe(false);
    },
  );

  it.each(["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"])(
    "was not passed on by a proxy, which sends %s",
    (name) => {
      expect(isFromHere("127.0.0.1", { host: "localhost", [name]: "1" })).toBe(false);
    },
  );

  it("was made by no web page of another origin", () => {
    const from = (origin: string) => isFromHere("::1", { host: "localhost", origin });
    expect(from("http://localhost:3000")).toBe(true);
    expect(from("http://[::1]:3000")).toBe(true);
    for (const origin of ["https://evil.example", "null", "file://", "http://localhost.evil.example"])
      expect(from(origin)).toBe(false);
  });
});
