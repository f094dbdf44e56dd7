/** Runs a load against a backend, alone or through a gateway. */
import { setTimeout as wait } from "node:timers/promises";
import { type RealOllama, startRealOllama } from "../engine/ollama.ts";
import { CLIENT_KEY, startGateway } from "../support/gateway.ts";
import type { Load } from "./loads.ts";

/** From sending a request to the end of its answer, in ms, in the order of the requests. */
export interface Figures {
  readonly waitsMs: readonly number[];
  readonly totalMs: number;
  /** Answers that were not 200, by their status. */
  readonly failed: Readonly<Record<string, number>>;
}

export type Target = (load: Load) => Promise<Figures>;

export const SCRIPT = ["▁It", "▁is", "▁open"];

type Ask = (model: string) => Promise<number>;

export const chatAt =
  (url: string, key?: string): Ask =>
  async (model) => {
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      },
      body: JSON.stringify({ model, max_tokens: 4, messages: [{ role: "user", content: "gate" }] }),
    });
    await response.text();
    return response.status;
  };

export async function perform({ inTurn, requests }: Load, ask: Ask): Promise<Figures> {
  const startedMs = performance.now();
  const failed: Record<string, number> = {};
  const waitsMs: number[] = [];
  const one = async (model: string, index: number): Promise<void> => {
    const sentMs = performance.now();
    const status = await ask(model);
    if (status !== 200) failed[status] = (failed[status] ?? 0) + 1;
    waitsMs[index] = performance.now() - sentMs;
  };
  if (inTurn) for (const [index, { model }] of requests.entries()) await one(model, index);
  else {
    await Promise.all(
      requests.map(async ({ model, atMs }, index) => {
        await wait(Math.max(0, startedMs + atMs - performance.now()));
        await one(model, index);
      }),
    );
  }
  return { waitsMs, totalMs: performance.now() - startedMs, failed };
}

const ollamaFor = ({ models, modelBytes, fit }: Load): Promise<RealOllama> =>
  startRealOllama(
    Object.fromEntries(
      models.map((name) => [name, { bytes: modelBytes, script: SCRIPT, parameters: { num_thread: 1 } }]),
    ),
    { OLLAMA_MAX_LOADED_MODELS: String(fit), OLLAMA_NUM_PARALLEL: "1", OLLAMA_CONTEXT_LENGTH: "512" },
  );

export const ollamaAlone: Target = async (load) => {
  await using ollama = await ollamaFor(load);
  return await perform(load, chatAt(ollama.url));
};

/** What bounds the models in Headgate's account: the backend's places, or the memory that they may take together. */
export type BoundBy = "slots" | "budget";

export const throughHeadgate =
  (bound: BoundBy): Target =>
  async (load) => {
    const { models, modelBytes, fit } = load;
    // As Ollama reports it: weights, and what a mixture is taken to need for its work.
    const bytes = Math.round(modelBytes * 1.6);
    await using ollama = await ollamaFor(load);
    await using gateway = await startGateway(
      [
        {
          id: "box",
          adapter: "ollama",
          baseUrl: ollama.url,
          keys: [],
          local: {
            driver: "ollama",
            bringUp: { way: "external" },
            ...(bound === "slots" ? { slots: fit } : {}),
          },
          models: models.map((alias) => ({ alias, memory: { device: "cpu", bytes } })),
        },
      ],
      bound === "budget"
        ? { options: { vramBudget: `cpu:${Math.ceil((bytes * (fit + 0.5)) / 1e6)}MB` } }
        : {},
    );
    return await perform(load, chatAt(gateway.url, CLIENT_KEY));
  };

const quantile = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;

export const p50Of = ({ waitsMs }: Figures): number =>
  quantile(
    [...waitsMs].sort((a, b) => a - b),
    0.5,
  );
export const maxOf = ({ waitsMs }: Figures): number => Math.max(...waitsMs);
/** What is compared: the whole time where the load ends when it is served, else what the requests waited. */
export const measureOf = (load: Load, figures: Figures): number =>
  load.id === "random"
    ? figures.waitsMs.reduce((sum, one) => sum + one, 0) / figures.waitsMs.length
    : figures.totalMs;
