import { describe, expect, it } from "vitest";
import { ramProbe } from "./ram.ts";

const GIB = 2 ** 30;
const never = new AbortController().signal;

const MEMINFO = `MemTotal:       33554432 kB
MemFree:         1048576 kB
MemAvailable:   25165824 kB
Buffers:          262144 kB
`;

const reading = async (files: Readonly<Record<string, string>>) =>
  (await ramProbe(async (path) => files[path]).read(never))[0];

describe("RAM", () => {
  it("is what /proc/meminfo states, caches that can be given up counted as free", async () => {
    expect(await reading({ "/proc/meminfo": MEMINFO })).toEqual({
      device: "cpu",
      totalBytes: 32 * GIB,
      usedBytes: 8 * GIB,
    });
  });

  it("is less inside a container with a limit", async () => {
    const read = await reading({
      "/proc/meminfo": MEMINFO,
      "/proc/self/cgroup": "0::/\n",
      "/sys/fs/cgroup/memory.max": `${12 * GIB}\n`,
      "/sys/fs/cgroup/memory.current": `${5 * GIB}\n`,
      "/sys/fs/cgroup/memory.stat": `anon 1\ninactive_file ${2 * GIB}\nactive_file 7\n`,
    });
    expect(read).toEqual({ device: "cpu", totalBytes: 12 * GIB, usedBytes: 3 * GIB });
  });

  it("is bounded by the tightest of the groups around it, and by what the machine has left", async () => {
    const files = {
      "/proc/meminfo": MEMINFO.replace("25165824", "2097152"),
      "/proc/self/cgroup": "0::/user.slice/app.service\n",
      "/sys/fs/cgroup/user.slice/memory.max": `${10 * GIB}\n`,
      "/sys/fs/cgroup/user.slice/memory.current": `${4 * GIB}\n`,
      "/sys/fs/cgroup/user.slice/app.service/memory.max": "max\n",
      "/sys/fs/cgroup/user.slice/app.service/memory.current": "1\n",
    };
    expect(await reading(files)).toEqual({ device: "cpu", totalBytes: 10 * GIB, usedBytes: 8 * GIB });
  });

  it("is not looked up outside of its own namespace", async () => {
    const paths: string[] = [];
    await ramProbe(async (path) => {
      paths.push(path);
      return path === "/proc/self/cgroup" ? "0::/../../other\n" : undefined;
    }).read(never);
    expect(paths.filter((path) => path.includes(".."))).toEqual([]);
  });

  it("is unknown where there is no /proc", async () => {
    expect(await reading({})).toEqual({ device: "cpu", totalBytes: undefined, usedBytes: undefined });
  });

  it("of this machine can be read", async () => {
    const [read] = await ramProbe().read(never);
    if (process.platform === "linux") expect(read?.totalBytes).toBeGreaterThan(2 ** 26);
    expect(read?.device).toBe("cpu");
  });
});
