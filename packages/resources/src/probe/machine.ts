/** The whole machine's memory: GPUs and RAM as measured, within what was declared. */
import type { DeviceReading, MemoryProbe } from "../driver.ts";
import type { Budget } from "./budget.ts";

export interface MachineProbeOptions {
  readonly gpus: MemoryProbe;
  readonly ram: MemoryProbe;
  /** With a GPU in it, other GPUs are left alone. A device that is not measured has unknown use. */
  readonly budget?: Budget | undefined;
}

/** A declared budget lowers a device's total and never raises it; used memory is reported as measured. */
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
      ].map((reading) => {
        const declared = budget.get(reading.device);
        if (declared === undefined) return reading;
        return { ...reading, totalBytes: Math.min(declared, reading.totalBytes ?? declared) };
      });
    },
  };
}
