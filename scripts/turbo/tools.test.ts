import { describe, expect, it } from "vitest";
import { describeTools } from "./tools.ts";

describe("what decides whether tests are skipped", () => {
  const describeWith = (...present: string[]): string =>
    describeTools({
      path: "/usr/bin:/opt/bin",
      nodeVersion: "v24.1.0",
      platform: "linux",
      arch: "x64",
      exists: (path) => present.includes(path),
    });

  it("names Node, the platform and nothing else where nothing is installed", () => {
    expect(describeWith()).toBe("node v24.1.0, linux x64");
  });

  it.each([
    ["/opt/bin/redis-server", "redis-server"],
    ["/usr/bin/valkey-server", "valkey-server"],
    ["/usr/bin/espeak-ng", "espeak-ng"],
    ["/usr/bin/chromium", "chromium"],
    ["/usr/bin/postgres", "postgres"],
    ["/usr/lib/postgresql", "/usr/lib/postgresql"],
    ["node_modules/@node-llama-cpp", "node_modules/@node-llama-cpp"],
  ])("tells %s", (present, name) => {
    expect(describeWith(present)).toBe(`node v24.1.0, linux x64, ${name}`);
  });

  it("does not find a program in a folder that is not on the PATH", () => {
    expect(describeWith("/usr/sbin/redis-server")).toBe(describeWith());
  });
});
