/**
 * Writes llama models whose answers are known beforehand, of any size: each token fixes the next. A token is one direction of the
 * embedding, all layers are zero and pass it on, and the output matrix names its successor. The zeros are a hole in the
 * file, so that writing takes no time and the disk holds a few kB; a load reads and holds them all. Nearly all of them are experts
 * of one layer, of which a token uses one: a model of a GB answers as fast as one of 10 MB.
 */
import { open } from "node:fs/promises";
import { ALIGNMENT, byteTokens, KIND, metadata, padded, string, type Token, u32, u64 } from "./gguf.ts";

export interface ScriptedModel {
  /** Of its weights, about; at least 8 MB. */
  readonly bytes: number;
  /**
   * What follows any prompt, in pieces, each a token; no piece twice. `▁` is a blank. After the last piece the answer ends.
   */
  readonly script: readonly string[];
  /** Tokens of context that it is trained for. Default 4096. */
  readonly context?: number;
}

const WIDTH = 512;
const HEADS = 8;
/** Of each expert, which has 3 MB then. */
const HIDDEN = 1_024;
const MOST_EXPERTS = 256;
/** ggml's numbers for 32-bit and 16-bit floats, and their bytes. */
const F32 = { type: 0, bytes: 4 } as const;
const F16 = { type: 1, bytes: 2 } as const;
const END = 2;

interface TensorInfo {
  readonly name: string;
  readonly shape: readonly number[];
  readonly kind: typeof F32 | typeof F16;
}

const sizeOf = ({ shape, kind }: TensorInfo): number => {
  const bytes = shape.reduce((product, side) => product * side, 1) * kind.bytes;
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
};

/** @returns the bytes of its weights: the least that a load takes */
export async function writeScriptedModel(path: string, model: ScriptedModel): Promise<number> {
  const { script, context = 4_096 } = model;
  if (new Set(script).size !== script.length)
    throw new Error(`a script holds no piece twice: ${script.join("|")}`);
  const vocabulary: Token[] = [...byteTokens(), ...script.map((text) => ({ text, kind: KIND.normal }))];
  if (vocabulary.length > WIDTH)
    throw new Error(`a script has ${WIDTH - byteTokens().length} pieces at most`);
  const { layers, experts } = layersFor(model.bytes);
  const words: TensorInfo[] = [
    { name: "token_embd.weight", shape: [WIDTH, vocabulary.length], kind: F32 },
    { name: "output_norm.weight", shape: [WIDTH], kind: F32 },
    { name: "output.weight", shape: [WIDTH, vocabulary.length], kind: F32 },
  ];
  const tensors = [...words, ...Array.from({ length: layers }, (_, layer) => blockOf(layer, experts)).flat()];
  const shape = { layers, experts, width: WIDTH, hidden: HIDDEN, heads: HEADS, kvHeads: 1, context };
  const head = padded(
    Buffer.concat([
      Buffer.from("GGUF"),
      u32(3),
      u64(tensors.length),
      ...metadata(shape, vocabulary),
      ...infosOf(tensors),
    ]),
  );
  const first = byteTokens().length;
  const weights = wordWeights(vocabulary.length, (token) => {
    const next = token < first ? first : token + 1;
    return next < vocabulary.length ? next : END;
  });
  const start = Buffer.concat([...head, ...weights]);
  const weightBytes = tensors.reduce((sum, tensor) => sum + sizeOf(tensor), 0);
  const headBytes = start.length - weights.reduce((sum, { length }) => sum + length, 0);
  const file = await open(path, "w");
  try {
    await file.write(start);
    await file.truncate(headBytes + weightBytes);
  } finally {
    await file.close();
  }
  return weightBytes;
}

function layersFor(bytes: number): { readonly layers: number; readonly experts: number } {
  const perExpert = 3 * WIDTH * HIDDEN * F16.bytes;
  const layers = Math.max(1, Math.ceil(bytes / perExpert / MOST_EXPERTS));
  return { layers, experts: Math.max(2, Math.round(bytes / layers / perExpert)) };
}

function blockOf(layer: number, experts: number): TensorInfo[] {
  const tensor = (part: string, kind: TensorInfo["kind"], ...shape: number[]): TensorInfo => ({
    name: `blk.${layer}.${part}.weight`,
    shape,
    kind,
  });
  const kvWidth = WIDTH / HEADS;
  return [
    tensor("attn_norm", F32, WIDTH),
    tensor("attn_q", F16, WIDTH, WIDTH),
    tensor("attn_k", F16, WIDTH, kvWidth),
    tensor("attn_v", F16, WIDTH, kvWidth),
    tensor("attn_output", F16, WIDTH, WIDTH),
    tensor("ffn_norm", F32, WIDTH),
    tensor("ffn_gate_inp", F32, WIDTH, experts),
    tensor("ffn_gate_exps", F16, WIDTH, HIDDEN, experts),
    tensor("ffn_up_exps", F16, WIDTH, HIDDEN, experts),
    tensor("ffn_down_exps", F16, HIDDEN, WIDTH, experts),
  ];
}

/** The embedding, its norm and the output matrix: a row of the output is a token that may come next. */
function wordWeights(count: number, next: (token: number) => number): Buffer[] {
  const embedding = new Float32Array(WIDTH * count);
  const output = new Float32Array(WIDTH * count);
  for (let token = 0; token < count; token += 1) {
    embedding[token * WIDTH + token] = 1;
    output[next(token) * WIDTH + token] = 1;
  }
  return [embedding, new Float32Array(WIDTH).fill(1), output].flatMap((values) =>
    padded(Buffer.from(values.buffer)),
  );
}

function infosOf(tensors: readonly TensorInfo[]): Buffer[] {
  let offset = 0;
  return tensors.flatMap((tensor) => {
    const { name, shape, kind } = tensor;
    const info = [string(name), u32(shape.length), ...shape.map(u64), u32(kind.type), u64(offset)];
    offset += sizeOf(tensor);
    return info;
  });
}
