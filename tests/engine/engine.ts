/**
 * llama.cpp itself, from the binaries on npm for node-llama-cpp. Only the addon is used: the package around it
 * adds hundreds of megabytes of GPU builds.
 */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

interface Addon {
  readonly AddonModel: new (path: string, options: object) => AddonModel;
  readonly AddonContext: new (model: AddonModel, options: object) => AddonContext;
  readonly AddonSampler: new (model: AddonModel) => AddonSampler;
  setLogger(log: (level: number, message: string) => void): void;
  loadBackends(folder?: string): void;
  init(): Promise<void>;
}

interface AddonModel {
  init(): Promise<boolean>;
  tokenize(text: string, special: boolean): Uint32Array;
  detokenize(tokens: Uint32Array): string;
  dispose(): Promise<void>;
}

interface AddonContext {
  init(): Promise<boolean>;
  initBatch(size: number): void;
  addToBatch(sequence: number, position: number, tokens: Uint32Array, logitsAt: Uint32Array): Uint32Array;
  decodeBatch(): Promise<void>;
  sampleToken(logits: number, sampler: AddonSampler): Promise<number>;
  dispose(): Promise<void>;
}

interface AddonSampler {
  applyConfig(config: { readonly temperature: number }): void;
  dispose(): void;
}

export interface EngineModel {
  /** The most likely continuation, so always the same. */
  generate(
    prompt: string,
    count: number,
  ): Promise<{ readonly text: string; readonly tokens: readonly number[] }>;
  dispose(): Promise<void>;
}

const require = createRequire(import.meta.url);

/** The folder of the engine's binaries. `undefined` where npm has none for this machine or did not install it. */
export function engineFolder(): string | undefined {
  try {
    return join(dirname(require.resolve("@node-llama-cpp/linux-x64")), "..", "bins", "linux-x64");
  } catch {
    return undefined;
  }
}

/** @returns a function that loads a model file into this process's own memory. */
export async function startEngine(folder: string): Promise<(path: string) => Promise<EngineModel>> {
  const addon: Addon = require(join(folder, "llama-addon.node"));
  addon.setLogger(() => undefined);
  addon.loadBackends(folder);
  await addon.init();
  return async (path) => {
    // Mapped files would count as the kernel's memory, not as the process's.
    const model = new addon.AddonModel(path, { addonExports: addon, gpuLayers: 0, useMmap: false });
    if (!(await model.init())) throw new Error(`${path} cannot be loaded`);
    const context = new addon.AddonContext(model, {
      contextSize: 256,
      batchSize: 64,
      sequences: 1,
      threads: 1,
    });
    if (!(await context.init())) throw new Error(`${path} has no room for a context`);
    return {
      async generate(prompt, count) {
        const sampler = new addon.AddonSampler(model);
        sampler.applyConfig({ temperature: 0 });
        const tokens: number[] = [];
        let input = model.tokenize(prompt, false);
        for (let position = 0; tokens.length < count; position += input.length) {
          if (tokens.length > 0) input = Uint32Array.from(tokens.slice(-1));
          context.initBatch(input.length);
          const [logits = 0] = context.addToBatch(0, position, input, Uint32Array.of(input.length - 1));
          await context.decodeBatch();
          tokens.push(await context.sampleToken(logits, sampler));
        }
        sampler.dispose();
        return { text: model.detokenize(Uint32Array.from(tokens)), tokens };
      },
      async dispose() {
        await context.dispose();
        await model.dispose();
      },
    };
  };
}
