import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { call } from "../probe.ts";
import type { LocalBackend } from "./backend.ts";
import { manualClock } from "./clock.ts";
import { startLlamacpp } from "./llamacpp.ts";
import { FakeMachine } from "./machine.ts";
import { startOllama } from "./ollama.ts";
import { startSdcpp } from "./sdcpp.ts";
import { startTalkies } from "./talkies.ts";

const GIB = 2 ** 30;
const model = { bytes: 2 * GIB, transientBytes: GIB, loadMs: 40, jobMs: 20 };
const messages = [{ role: "user", content: "hi" }];

interface LabRequest {
  readonly backend: 0 | 1 | 2 | 3;
  readonly path: string;
  readonly body: object;
}

const JOBS: readonly LabRequest[] = [
  { backend: 0, path: "/api/chat", body: { model: "a", messages } },
  {
    backend: 0,
    path: "/api/chat",
    body: { model: "b", messages, stream: false, options: { num_ctx: 8192 } },
  },
  { backend: 0, path: "/api/generate", body: { model: "a", keep_alive: 0 } },
  { backend: 1, path: "/v1/audio/speech", body: { model: "a", input: "hi" } },
  { backend: 1, path: "/v1/audio/speech", body: { model: "b", input: "hi" } },
  { backend: 1, path: "/unload", body: {} },
  { backend: 2, path: "/v1/images/generations", body: { model: "a", prompt: "x", size: "8x8" } },
  { backend: 2, path: "/sdcpp/v1/load?model=b", body: {} },
  { backend: 2, path: "/sdcpp/v1/unload", body: {} },
  { backend: 3, path: "/models/load", body: { model: "a" } },
  { backend: 3, path: "/models/unload", body: { model: "a" } },
  { backend: 3, path: "/v1/chat/completions", body: { model: "b", messages, stream: true } },
];

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("ask" as const),
      job: fc.nat(JOBS.length - 1),
      leaves: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 60 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("kill" as const), backend: fc.nat(3) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("reclaim" as const), ms: fc.integer({ min: 0, max: 100 }) }),
  },
);

describe("fakes that are used, left and killed at random", () => {
  it("claim no more memory than there is, and free all of it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
        const clock = manualClock();
        const machine = new FakeMachine({ devices: { "cuda:0": 7 * GIB }, clock });
        const models = { a: model, b: model };
        const speaking = {
          a: { ...model, operation: "speech" as const },
          b: { ...model, operation: "speech" as const },
        };
        const backends: readonly LocalBackend[] = await Promise.all([
          startOllama({ machine, models }),
          startTalkies({ machine, models: speaking }),
          startSdcpp({ machine, models }),
          startLlamacpp({ machine, models }),
        ]);
        const statusesDue: Promise<number>[] = [];
        const leavers: AbortController[] = [];
        try {
          for (const now of steps) {
            if (now.do === "wait") {
              await clock.advance(now.ms);
              for (const leaver of leavers.splice(0)) leaver.abort();
            } else if (now.do === "reclaim") {
              for (const backend of backends) backend.lie({ reclaimMs: now.ms });
            } else if (now.do === "kill") {
              await backends[now.backend]?.kill();
              await backends[now.backend]?.restart();
            } else {
              const { backend = 0, path = "", body = {} } = JOBS[now.job] ?? {};
              const fake = backends[backend];
              const leaver = new AbortController();
              if (now.leaves) leavers.push(leaver);
              const before = fake?.calls.length ?? 0;
              statusesDue.push(
                call(fake?.url ?? "", { path, body: { ...body }, signal: leaver.signal }).then(
                  ({ status }) => status,
                  () => 0,
                ),
              );
              await fake?.residents.when(() => fake.calls.length > before);
            }
          }
          while (backends.some(({ open }) => open > 0) || clock.sleeping > 0) await clock.advance(1_000);
          const statuses = await Promise.all(statusesDue);
          expect(
            statuses.every((status) => [0, 200, 400, 404, 409, 429, 500, 502, 503].includes(status)),
          ).toBe(true);
          const resident = backends.flatMap(({ residents }) => residents.residents);
          expect(machine.usedBytes("cuda:0")).toBe(resident.length * model.bytes);
          expect(resident.every(({ active, loaded }) => active === 0 && loaded)).toBe(true);
          expect(machine.peakBytes("cuda:0")).toBeLessThanOrEqual(7 * GIB);
          for (const { wantedBytes, freeBytes } of machine.overcommits)
            expect(wantedBytes).toBeGreaterThan(freeBytes);
        } finally {
          await Promise.all(backends.map((backend) => backend.close()));
        }
        expect(machine.usedBytes("cuda:0")).toBe(0);
      }),
      { numRuns: 40 },
    );
  });
});
