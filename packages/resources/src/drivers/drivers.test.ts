import { present } from "@headgate/contract";
import {
  type LocalBackend,
  startLlamacpp,
  startOllama,
  startSdcpp,
  startSdServer,
  startTalkies,
  startVllm,
} from "@headgate/upstream-lab";
import { post, testDriver } from "../testing/driver-contract.ts";
import { llamacppDriver } from "./llamacpp.ts";
import { ollamaDriver } from "./ollama.ts";
import { sdServerDriver } from "./sd-server.ts";
import { sdcppDriver } from "./sdcpp.ts";
import { talkiesDriver } from "./talkies.ts";
import { vllmDriver } from "./vllm.ts";

const SMALL = "vendor/small:1b";
const messages = [{ role: "user", content: "hi" }];
const image = { prompt: "a cat", size: "8x8" };

testDriver({
  name: "ollama",
  start: (machine, models) => startOllama({ machine, models }),
  driver: (options) => ollamaDriver(options),
  looksAt: "/api/ps",
  job: (url, model) => post(`${url}/api/chat`, { model, messages, stream: false }),
  outOfMemory: "out-of-memory",
  whileWorking: "unverified",
  missing: "missing",
  down: "unreachable",
  lies: ["load", "unload", "stale-load", "stale-unload"],
});

testDriver({
  name: "talkies",
  start: (machine, models) => {
    const speaking = Object.entries(models).map(([id, model]) => [
      id,
      { ...model, operation: "speech" as const },
    ]);
    return startTalkies({ machine, models: Object.fromEntries(speaking) });
  },
  driver: (options) => talkiesDriver(options),
  looksAt: "/api/ps",
  loads: "job",
  job: (url, model) => post(`${url}/v1/audio/speech`, { model, input: "hi" }),
  outOfMemory: undefined,
  whileWorking: "busy",
  missing: "missing",
  down: "unreachable",
  lies: ["unload", "stale-unload"],
});

testDriver({
  name: "sdcpp",
  start: (machine, models) => startSdcpp({ machine, models }),
  // The provider's base URL, as its fragment has it.
  driver: (options) => sdcppDriver({ ...options, baseUrl: `${options.baseUrl}/v1` }),
  looksAt: "/sdcpp/v1/status",
  job: (url, model) => post(`${url}/v1/images/generations`, { model, ...image }),
  outOfMemory: "out-of-memory",
  whileWorking: "busy",
  missing: "missing",
  down: "unreachable",
  lies: ["load", "unload", "stale-load", "stale-unload"],
});

testDriver({
  name: "llamacpp",
  start: (machine, models) => startLlamacpp({ machine, models }),
  driver: (options) => llamacppDriver(options),
  looksAt: "/models",
  job: (url, model) => post(`${url}/v1/chat/completions`, { model, messages }),
  // Its API does not report why a process ended.
  outOfMemory: "failed",
  whileWorking: undefined,
  missing: "missing",
  down: "unreachable",
  lies: ["load", "unload", "stale-load", "stale-unload"],
});

testDriver({
  name: "vllm",
  start: async (machine, models) => {
    // It is loaded from its start; here it sleeps at first, as the others are empty.
    const fake = await startVllm({ machine, models });
    await post(`${fake.url}/sleep?level=2`, {});
    await post(`${fake.url}/collective_rpc`, { method: "reload_weights" });
    return fake;
  },
  driver: (options) => vllmDriver({ ...options, model: SMALL }),
  looksAt: "/is_sleeping",
  single: true,
  job: (url, model) => post(`${url}/v1/chat/completions`, { model, messages }),
  outOfMemory: "out-of-memory",
  whileWorking: undefined,
  missing: "missing",
  down: "unreachable",
  lies: ["load", "unload", "stale-load", "stale-unload"],
});

testDriver({
  name: "sd-server",
  start: (machine, models) => startSdServer({ machine, models }),
  driver: (options, fake) =>
    sdServerDriver({ ...options, model: SMALL, ...present({ process: fake && control(fake) }) }),
  looksAt: "/v1/models",
  single: true,
  loads: "process",
  job: (url) => post(`${url}/v1/images/generations`, image),
  outOfMemory: undefined,
  whileWorking: undefined,
  missing: "missing",
  down: "empty",
  lies: [],
});

const control = (fake: LocalBackend) => ({ start: () => fake.restart(), stop: () => fake.kill() });
