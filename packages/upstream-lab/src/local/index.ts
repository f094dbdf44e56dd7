/** Stateful fakes of local backends on one machine whose memory really runs out. */
export { wav } from "./audio.ts";
export type { LocalBackend, LocalBackendOptions, LocalCall, LocalRecord, LocalReply } from "./backend.ts";
export { type LocalClock, type ManualClock, manualClock, realClock } from "./clock.ts";
export { type FakeLlamacppOptions, startLlamacpp } from "./llamacpp.ts";
export {
  type Claim,
  type FakeDevice,
  FakeMachine,
  type FakeMachineOptions,
  type MachineEvent,
  type Overcommit,
} from "./machine.ts";
export { type FakeNvidiaSmi, type FakeRan, fakeNvidiaSmi, fakeProc } from "./nvidia-smi.ts";
export { type FakeOllamaOptions, startOllama } from "./ollama.ts";
export type { FakeModel, Lies, Resident } from "./residents.ts";
export { startSdServer } from "./sd-server.ts";
export { startSdcpp } from "./sdcpp.ts";
export { type FakeTalkiesOptions, startTalkies } from "./talkies.ts";
export { type FakeVllmOptions, startVllm } from "./vllm.ts";
