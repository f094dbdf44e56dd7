import { expect, it } from "vitest";
import { resourcesText } from "./resources-text.ts";

const GIB = 2 ** 30;

it("a split model is shown on all of its devices", () => {
  const device = (name: string) => ({
    device: name,
    totalBytes: 24 * GIB,
    externalBytes: 0,
    committedBytes: 20 * GIB,
    roomBytes: 23 * GIB,
  });
  const residency = {
    key: "box/large:70b",
    state: "ready",
    device: "cuda:0+cuda:1",
    chargeBytes: 40 * GIB,
    leases: 1,
    concurrency: 1,
    waiting: 0,
    pinned: false,
    sinceMs: 0,
  };
  const text = resourcesText(
    {
      devices: [device("cuda:0"), device("cuda:1")],
      backends: [],
      residencies: [residency],
      queues: [],
      aliases: { "box/large:70b": ["box-large"] },
    },
    5_000,
    false,
  );
  expect(text.split("\n").slice(-2)).toEqual([
    "MODEL      STATE  DEVICE         MEMORY  JOBS  WAITING  FOR",
    "box-large  ready  cuda:0+cuda:1  43 GB   1/1   0        5 s",
  ]);
});
