export { LocalBackends, type LocalBackendsInput, type Say } from "./bring-up/local-backends.ts";
export { type Clock, systemClock } from "./clock.ts";
export { createScheduler, type Scheduler } from "./core/scheduler.ts";
export type {
  DeviceSnapshot,
  QueueSnapshot,
  ResidencySnapshot,
  Snapshot,
} from "./core/snapshot.ts";
export * from "./core/types.ts";
export * from "./driver.ts";
export type { CallLimits } from "./driver-calls.ts";
export { llamacppDriver } from "./drivers/llamacpp.ts";
export { type OllamaOptions, ollamaDriver } from "./drivers/ollama.ts";
export type { DriverOptions } from "./drivers/options.ts";
export { type ProcessControl, type SdServerOptions, sdServerDriver } from "./drivers/sd-server.ts";
export { type SdcppDriver, sdcppDriver } from "./drivers/sdcpp.ts";
export { type TalkiesDriver, talkiesDriver } from "./drivers/talkies.ts";
export { type VllmOptions, vllmDriver } from "./drivers/vllm.ts";
export * from "./manager.ts";
export { lookOllama } from "./offer/ollama.ts";
export { type Budget, type ParsedBudget, parseBudget } from "./probe/budget.ts";
export { type Discovery, type GpuProbe, type GpuProbeOptions, gpuProbe } from "./probe/gpus.ts";
export { type MachineProbeOptions, machineProbe } from "./probe/machine.ts";
export type { Gpu, GpuProcess } from "./probe/nvidia-smi.ts";
export { type ReadText, ramProbe } from "./probe/ram.ts";
export { type Ran, type Run, runCommand } from "./probe/run.ts";
export {
  listOllama,
  PullError,
  type PullProgress,
  pullOllama,
} from "./pull/ollama.ts";
export { residencySpec } from "./residency.ts";
