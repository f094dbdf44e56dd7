import { describe, expect, it } from "vitest";
import { gpuProbe } from "./gpus.ts";
import { APPS_QUERY, GPU_QUERY } from "./nvidia-smi.ts";
import type { Ran, Run } from "./run.ts";

const MIB = 2 ** 20;
const never = new AbortController().signal;

const printed = (stdout: string, code = 0, stderr = ""): Ran => ({ kind: "done", code, stdout, stderr });

/** Answers in order, the last one for ever, and keeps the commands. */
function scripted(...answers: readonly Ran[]) {
  const commands: (readonly string[])[] = [];
  const run: Run = async (command, args) => {
    commands.push([command, ...args]);
    const answer = answers[Math.min(commands.length, answers.length) - 1];
    if (answer === undefined) throw new Error("no answer");
    return answer;
  };
  return { run, commands };
}

const probeOf = (...answers: readonly Ran[]) => gpuProbe({ run: scripted(...answers).run });

const TWO = `0, GPU-5b32bb1d-ea0c-1a1b-9f7c-0c2a4ee8a1f0, 24564, 1331, 22730
1, GPU-9e1ccd0a-3a60-3f4a-8fd1-5bb1d0a8e7c2, 8192, 5, 8036
`;

describe("the GPUs that nvidia-smi shows", () => {
  it("are reported in bytes, with what the driver reserves counted as used", async () => {
    const { run, commands } = scripted(printed(TWO));
    expect(await gpuProbe({ run }).read(never)).toEqual([
      { device: "cuda:0", totalBytes: 24564 * MIB, usedBytes: (24564 - 22730) * MIB },
      { device: "cuda:1", totalBytes: 8192 * MIB, usedBytes: (8192 - 8036) * MIB },
    ]);
    expect(commands).toEqual([["nvidia-smi", ...GPU_QUERY]]);
  });

  it.each([
    ["[N/A], [N/A], [N/A]", undefined, undefined],
    ["40960, [Insufficient Permissions], [Insufficient Permissions]", 40960 * MIB, undefined],
    ["40960, [Unknown Error], 40000", 40960 * MIB, 960 * MIB],
    ["[Not Supported], 12, 5", undefined, 12 * MIB],
    ["40960, -1, 1e3", 40960 * MIB, undefined],
  ])("%s is unknown where it is no number, never 0", async (memory, totalBytes, usedBytes) => {
    const read = await probeOf(printed(`0, GPU-a, ${memory}\n`)).read(never);
    expect(read).toEqual([{ device: "cuda:0", totalBytes, usedBytes }]);
  });

  it.each<[string, Ran, object]>([
    ["no binary", { kind: "missing" }, { kind: "missing", why: "nvidia-smi is not installed" }],
    ["a hang", { kind: "timeout" }, { kind: "broken", why: "nvidia-smi did not answer within 5000 ms" }],
    [
      "a broken driver",
      printed(
        "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.\n\n",
        9,
      ),
      { kind: "broken", why: expect.stringContaining("exit code 9: NVIDIA-SMI has failed because") },
    ],
    [
      "a library of another version",
      printed("Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 570.86", 18),
      { kind: "broken", why: expect.stringContaining("version mismatch NVML library") },
    ],
    [
      "an old driver that does not know a field",
      printed('Field "memory.free" is not a valid field to query.\n', 2),
      { kind: "broken", why: expect.stringContaining("not a valid field") },
    ],
    [
      "something else",
      printed("0, GPU-a, 1\n"),
      { kind: "broken", why: expect.stringContaining("other fields than") },
    ],
    ["an index twice", printed("0, GPU-a, 1, 1, 1\n0, GPU-b, 1, 1, 1\n"), { kind: "broken" }],
    [
      "no right to run it",
      { kind: "failed", why: "EACCES" },
      { kind: "broken", why: expect.stringMatching("EACCES") },
    ],
  ])("%s gives the reason why nothing is known", async (_, ran, found) => {
    expect(await probeOf(ran).discover(never)).toMatchObject({ ok: false, ...found });
    expect(await probeOf(ran).read(never)).toEqual([]);
  });

  it("can be none, which is no fault", async () => {
    expect(await probeOf(printed("No devices were found\n", 6)).discover(never)).toEqual({
      ok: true,
      gpus: [],
    });
  });

  it("stay known, with unknown use, while nvidia-smi fails", async () => {
    const probe = probeOf(printed(TWO), { kind: "timeout" });
    await probe.read(never);
    expect(await probe.read(never)).toEqual([
      { device: "cuda:0", totalBytes: 24564 * MIB, usedBytes: undefined },
      { device: "cuda:1", totalBytes: 8192 * MIB, usedBytes: undefined },
    ]);
  });
});

describe("the processes on the GPUs", () => {
  it("are reported with the memory that is known", async () => {
    const { run, commands } = scripted(printed("GPU-a, 4242, 5120\nMIG-b, 17, [N/A]\n"));
    expect(await gpuProbe({ run }).processes(never)).toEqual([
      { uuid: "GPU-a", pid: 4242, usedBytes: 5120 * MIB },
      { uuid: "MIG-b", pid: 17, usedBytes: undefined },
    ]);
    expect(commands).toEqual([["nvidia-smi", ...APPS_QUERY]]);
  });

  it("are none when it prints nothing, and unknown when it fails", async () => {
    expect(await probeOf(printed("")).processes(never)).toEqual([]);
    expect(await probeOf(printed("[Not Supported]\n")).processes(never)).toBeUndefined();
    expect(await probeOf({ kind: "timeout" }).processes(never)).toBeUndefined();
  });
});
