import { describe, expect, it } from "vitest";
import { bytesOf } from "./bytes.ts";

describe("bytesOf", () => {
  it("reads powers of ten and powers of two", () => {
    expect([bytesOf("5 GB"), bytesOf("570MB"), bytesOf("2 GiB"), bytesOf("1.5 MiB")]).toEqual([
      5_000_000_000, 570_000_000, 2_147_483_648, 1_572_864,
    ]);
    expect([bytesOf("112 KiB"), bytesOf("1.5kB")]).toEqual([114_688, 1_500]);
  });

  it("rounds to whole bytes", () => {
    expect(bytesOf("2.6 GB")).toBe(2_600_000_000);
    expect(bytesOf("0.0000001 MB")).toBe(0);
  });
});
