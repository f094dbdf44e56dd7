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

describe("sizes in each unit", () => {
  it.each([
    ["1 kB", 1e3],
    ["1 MB", 1e6],
    ["1 GB", 1e9],
    ["1 KiB", 1_024],
    ["1 MiB", 1_048_576],
    ["1 GiB", 1_073_741_824],
    ["12.5GB", 12.5e9],
  ])("%s is %d bytes", (text, bytes) => {
    expect(bytesOf(text)).toBe(bytes);
  });

  it.each(["", "5", "GB", "5 TB", "5 gb", "5  GB", "x5 GB", "5 GB x", "5 GB8", "1.2.3 GB"])(
    "%j is none",
    (text) => {
      expect(bytesOf(text)).toBeNaN();
    },
  );
});
