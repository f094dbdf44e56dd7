/** The loads of `make simulate-local`: models of which not all fit, and requests for them. Times in ms, memory in bytes. */

export interface Request {
  readonly model: string;
  /** From the start; in a load that runs in turn, each follows the answer before it. */
  readonly atMs: number;
}

export interface Load {
  readonly id: string;
  readonly about: string;
  readonly modelBytes: number;
  readonly models: readonly string[];
  /** Models that the backend holds at a time. */
  readonly fit: number;
  readonly inTurn: boolean;
  readonly requests: readonly Request[];
  /** What must hold of Headgate's figures beside the same backend's own. */
  readonly bar: "within" | "sooner";
}

export const BAR = {
  /** Of the backend's own time. */
  within: 1.15,
  sooner: 1,
} as const;

const MB = 1e6;
const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `m${index + 1}`);

/** Mulberry32: the same order each time. */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const inTurn = (models: readonly string[], count: number): Request[] =>
  Array.from({ length: count }, (_, index) => ({ model: models[index % models.length] ?? "", atMs: 0 }));

function atRandom(models: readonly string[], count: number, gapMs: number, seed: number): Request[] {
  const random = seeded(seed);
  return Array.from({ length: count }, (_, index) => ({
    model: models[Math.floor(random() * models.length)] ?? "",
    atMs: index * gapMs,
  }));
}

export interface LoadOptions {
  readonly seed: number;
  /** Factors of the size of models, and of the number of requests; 1 is what `make simulate-local` runs. */
  readonly size: number;
  readonly length: number;
}

export function makeLoads({ seed, size, length }: LoadOptions): Load[] {
  const big = Math.round(1_500 * MB * size);
  const small = Math.round(300 * MB * size);
  const times = (count: number): number => Math.max(2, Math.round(count * length));
  return [
    {
      id: "circle",
      about: "four models in turn, three fit, one request after the other",
      modelBytes: small,
      models: names(4),
      fit: 3,
      inTurn: true,
      requests: inTurn(names(4), times(20)),
      bar: "within",
    },
    {
      id: "random",
      about: "two big models at random, one fits, a request every 2.5 s",
      modelBytes: big,
      models: names(2),
      fit: 1,
      inTurn: false,
      requests: atRandom(names(2), times(16), 2_500, seed),
      bar: "within",
    },
    {
      id: "swap",
      about: "two big models, one fits: A, B, A, B, A, one after the other",
      modelBytes: big,
      models: names(2),
      fit: 1,
      inTurn: true,
      requests: inTurn(names(2), times(5)),
      bar: "within",
    },
    {
      id: "bursts",
      about: "two big models, one fits: twelve requests at once, alternating",
      modelBytes: big,
      models: names(2),
      fit: 1,
      inTurn: false,
      requests: inTurn(names(2), times(12)),
      bar: "sooner",
    },
  ];
}
