import { describe, expect, it } from "vitest";
import { guardListening } from "./listen-guard.ts";

const STRONG = "hg-Zk3vQ9sXw1LrT7pYb2NcU8eHd5GaJ6mF";

describe("guardListening", () => {
  it.each(["127.0.0.1", "localhost", "::1", "127.8.0.1"])("lets %s listen behind any key", (host) => {
    expect(() => guardListening(host, "short")).not.toThrow();
  });

  it.each(["0.0.0.0", "::", "192.168.1.5", "example.org", "127.0.0.1.example.org"])(
    "requires a strong key on %s",
    (host) => {
      expect(() => guardListening(host, "short")).toThrow(/HEADGATE_API_KEY is weak/);
      expect(() => guardListening(host, "a".repeat(64))).toThrow(/weak/);
      expect(() => guardListening(host, STRONG)).not.toThrow();
    },
  );

  it("never shows the key", () => {
    expect(() => guardListening("0.0.0.0", "my-weak-key")).toThrow(
      expect.not.stringContaining("my-weak-key"),
    );
  });
});
