/** The whole machine's memory: GPUs and RAM as measured. */
import type { DeviceReading, MemoryProbe } from "../driver.ts";
import type { Budget } from "./budget.ts";

export interface MachineProbeOptions {
  readonly gpus: MemoryProbe;
  readonly ram: MemoryProbe;
  /**
   * With a GPU in it, other GPUs are left alone; a device that is not measured is unknown. It changes no figure: it bounds what
   * models take together, and a reading is of all programs.
   */
  readonly budget?: Budget | undefined;
}

export function machineProbe({ gpus, ram, budget = new Map() }: MachineProbeOptions): MemoryProbe {
  const chosen = [...budget.keys()].some((device) => device !== "cpu");
  return {
    async read(signal) {
      const measured = (await Promise.all([ram.read(signal), gpus.read(signal)])).flat();
      const seen = new Set(measured.map(({ device }) => device));
      const unseen = [...budget.keys()].filter((device) => !seen.has(device));
      return [
        ...measured.filter(({ device }) => device === "cpu" || !chosen || budget.has(device)),
        ...unseen.map((device): DeviceReading => ({ device, totalBytes: undefined, usedBytes: undefined })),
      ];
    },
  };
}
