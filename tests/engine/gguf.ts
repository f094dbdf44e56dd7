/**
 * Writes a whole llama model of random weights: enough for an engine to load, to run and to be measured by.
 * GGUF version 3: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 */
import { writeFile } from "node:fs/promises";

export interface TinyModel {
  readonly layers: number;
  readonly width: number;
  readonly hidden: number;
  readonly heads: number;
  readonly context: number;
}

export const ALIGNMENT = 32;
export const TYPE = { u32: 4, i32: 5, f32: 6, string: 8, array: 9 } as const;
/** ggml's number for 32-bit floats. */
const TENSOR_F32 = 0;
/** Of tokens. */
export const KIND = { normal: 1, unknown: 2, control: 3, byte: 6 } as const;

interface Tensor {
  readonly name: string;
  /** The fastest first, as ggml counts. */
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** @returns the bytes of its weights: the least that a load takes. */
export async function writeTinyModel(path: string, model: TinyModel): Promise<number> {
  const vocabulary = byteTokens();
  const tensors = tensorsOf(model, vocabulary.length);
  const head = [
    Buffer.from("GGUF"),
    u32(3),
    u64(tensors.length),
    ...metadata(model, vocabulary),
    ...tensorInfos(tensors),
  ];
  const weights = tensors.flatMap(({ values }) => padded(Buffer.from(values.buffer)));
  await writeFile(path, Buffer.concat([...padded(Buffer.concat(head)), ...weights]));
  return weights.reduce((sum, { length }) => sum + length, 0);
}

/** A vocabulary for any text: each byte is a token. */
export function byteTokens(): Token[] {
  const bytes = Array.from({ length: 256 }, (_, byte) => ({
    text: `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`,
    kind: KIND.byte,
  }));
  return [
    { text: "<unk>", kind: KIND.unknown },
    { text: "<s>", kind: KIND.control },
    { text: "</s>", kind: KIND.control },
    ...bytes,
    { text: "▁", kind: KIND.normal },
  ];
}

interface Shape extends TinyModel {
  /** Absent: as many as `heads`. */
  readonly kvHeads?: number;
  /** Of a mixture, of which each token uses one. */
  readonly experts?: number;
}

export interface Token {
  readonly text: string;
  readonly kind: number;
}

/** The key-values of a llama model, with their count. */
export function metadata(model: Shape, vocabulary: readonly Token[]): Buffer[] {
  const mixture: readonly (readonly [string, Buffer])[] =
    model.experts === undefined
      ? []
      : [
          ["llama.expert_count", value(TYPE.u32, u32(model.experts))],
          ["llama.expert_used_count", value(TYPE.u32, u32(1))],
        ];
  const entries: readonly (readonly [string, Buffer])[] = [
    ...mixture,
    ["general.architecture", value(TYPE.string, string("llama"))],
    ["general.name", value(TYPE.string, string("tiny random"))],
    ["llama.context_length", value(TYPE.u32, u32(model.context))],
    ["llama.embedding_length", value(TYPE.u32, u32(model.width))],
    ["llama.block_count", value(TYPE.u32, u32(model.layers))],
    ["llama.feed_forward_length", value(TYPE.u32, u32(model.hidden))],
    ["llama.attention.head_count", value(TYPE.u32, u32(model.heads))],
    ["llama.attention.head_count_kv", value(TYPE.u32, u32(model.kvHeads ?? model.heads))],
    ["llama.rope.dimension_count", value(TYPE.u32, u32(model.width / model.heads))],
    ["llama.attention.layer_norm_rms_epsilon", value(TYPE.f32, f32(1e-5))],
    ["tokenizer.ggml.model", value(TYPE.string, string("llama"))],
    [
      "tokenizer.ggml.tokens",
      array(
        TYPE.string,
        vocabulary.map(({ text }) => string(text)),
      ),
    ],
    [
      "tokenizer.ggml.scores",
      array(
        TYPE.f32,
        vocabulary.map((_, index) => f32(-index)),
      ),
    ],
    [
      "tokenizer.ggml.token_type",
      array(
        TYPE.i32,
        vocabulary.map(({ kind }) => u32(kind)),
      ),
    ],
    ["tokenizer.ggml.unknown_token_id", value(TYPE.u32, u32(0))],
    ["tokenizer.ggml.bos_token_id", value(TYPE.u32, u32(1))],
    ["tokenizer.ggml.eos_token_id", value(TYPE.u32, u32(2))],
  ];
  return [u64(entries.length), ...entries.flatMap(([name, bytes]) => [string(name), bytes])];
}

function tensorsOf({ layers, width, hidden }: TinyModel, words: number): Tensor[] {
  const random = randomWeights();
  const matrix = (name: string, ...shape: number[]): Tensor => ({ name, shape, values: random(shape) });
  const norm = (name: string): Tensor => ({ name, shape: [width], values: new Float32Array(width).fill(1) });
  const blocks = Array.from({ length: layers }, (_, layer) => {
    const at = (part: string): string => `blk.${layer}.${part}.weight`;
    return [
      norm(at("attn_norm")),
      ...["attn_q", "attn_k", "attn_v", "attn_output"].map((part) => matrix(at(part), width, width)),
      norm(at("ffn_norm")),
      matrix(at("ffn_gate"), width, hidden),
      matrix(at("ffn_up"), width, hidden),
      matrix(at("ffn_down"), hidden, width),
    ];
  });
  return [
    matrix("token_embd.weight", width, words),
    norm("output_norm.weight"),
    matrix("output.weight", width, words),
    ...blocks.flat(),
  ];
}

/** The same weights each time. */
function randomWeights(): (shape: readonly number[]) => Float32Array<ArrayBuffer> {
  let state = 12_345;
  return (shape) => {
    const values = new Float32Array(shape.reduce((product, side) => product * side, 1));
    for (let index = 0; index < values.length; index += 1) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      values[index] = (state / 2 ** 32 - 0.5) * 0.1;
    }
    return values;
  };
}

function tensorInfos(tensors: readonly Tensor[]): Buffer[] {
  let offset = 0;
  return tensors.flatMap(({ name, shape, values }) => {
    const info = [string(name), u32(shape.length), ...shape.map(u64), u32(TENSOR_F32), u64(offset)];
    offset += Math.ceil(values.byteLength / ALIGNMENT) * ALIGNMENT;
    return info;
  });
}

export function padded(bytes: Buffer): Buffer[] {
  const missing = (ALIGNMENT - (bytes.length % ALIGNMENT)) % ALIGNMENT;
  return missing === 0 ? [bytes] : [bytes, Buffer.alloc(missing)];
}

export const value = (type: number, bytes: Buffer): Buffer => Buffer.concat([u32(type), bytes]);

export const array = (type: number, items: readonly Buffer[]): Buffer =>
  value(TYPE.array, Buffer.concat([u32(type), u64(items.length), ...items]));

export function string(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([u64(bytes.length), bytes]);
}

export function u32(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(number);
  return bytes;
}

export function u64(number: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(number));
  return bytes;
}

export function f32(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(number);
  return bytes;
}
