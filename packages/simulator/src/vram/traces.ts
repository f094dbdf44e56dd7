/** The traces: each a pattern that broke, or would break, a scheduler of models. */
import type { ModelNeed } from "@headgate/resources";
import { type Random, seeded } from "./random.ts";
import { type Arrival, GIB, type Job, type SimModel, type Trace } from "./trace.ts";

interface Draft {
  readonly name: string;
  readonly gib: number;
  readonly loadMs: number;
  readonly concurrency: number;
  readonly transientGib?: number;
  readonly serviceMs: number;
  readonly options?: ModelNeed["spec"]["options"];
}

/** A model and the mean time of its jobs. */
interface Cast {
  readonly model: SimModel;
  readonly serviceMs: number;
}

function cast({ name, gib, loadMs, concurrency, transientGib = 0, serviceMs, options = {} }: Draft): Cast {
  const suffix = Object.entries(options).map(([option, value]) => `?${option}=${value}`);
  const need: ModelNeed = {
    spec: { key: `sim/${name}${suffix.join("")}`, backend: "sim", model: name, options },
    deviceClass: "cuda",
    splits: false,
    bytes: gib * GIB,
    transientBytes: transientGib * GIB,
    loadCostMs: loadMs,
    concurrency,
    pinned: false,
    priority: 0,
    idleUnloadMs: undefined,
    minResidencyMs: 0,
  };
  return { model: { need, loadMs, unloadMs: 300 }, serviceMs };
}

const TOTAL = 16 * GIB;

const chat = cast({
  name: "chat-8b",
  gib: 6,
  loadMs: 6_000,
  concurrency: 4,
  transientGib: 0.25,
  serviceMs: 5_000,
});
const coder = cast({
  name: "coder-14b",
  gib: 10,
  loadMs: 11_000,
  concurrency: 2,
  transientGib: 0.5,
  serviceMs: 9_000,
});
const embed = cast({ name: "embed", gib: 0.75, loadMs: 1_500, concurrency: 8, serviceMs: 200 });
const stt = cast({
  name: "whisper",
  gib: 2,
  loadMs: 3_000,
  concurrency: 1,
  transientGib: 0.5,
  serviceMs: 2_000,
});
const tts = cast({ name: "speech", gib: 1, loadMs: 2_000, concurrency: 2, serviceMs: 1_500 });
const image = cast({
  name: "image",
  gib: 9,
  loadMs: 14_000,
  concurrency: 1,
  transientGib: 2,
  serviceMs: 18_000,
});
const vision = cast({
  name: "vision-7b",
  gib: 7,
  loadMs: 8_000,
  concurrency: 2,
  transientGib: 0.5,
  serviceMs: 7_000,
});
const SEVEN = [chat, coder, embed, stt, tts, image, vision];

const drawn = ({ model, serviceMs }: Cast, random: Random): Job => ({
  model,
  serviceMs: Math.round(serviceMs * (0.4 + random.exponential(0.6))),
});

interface Making {
  readonly random: Random;
  /** Jobs, about. */
  readonly jobs: number;
}

type Extras = Partial<Pick<Trace, "external" | "reclaimMs" | "shown" | "lyingUnloadEvery" | "crashEvery">>;

interface Recipe {
  readonly name: string;
  readonly about: string;
  readonly cast: readonly Cast[];
  readonly extras?: Extras;
  arrivals(making: Making): Arrival[];
}

/** Independent arrivals with a mean gap, of models with odds. */
function mix(casts: readonly Cast[], odds: readonly number[], gapMs: number, shape = 1) {
  return ({ random, jobs }: Making): Arrival[] => {
    let atMs = 0;
    return Array.from({ length: jobs }, () => {
      atMs += shape === 1 ? random.exponential(gapMs) : random.gamma(shape, gapMs);
      const one = casts[random.pick(odds)] ?? chat;
      return { atMs: Math.round(atMs), job: drawn(one, random) };
    });
  };
}

const POISSON_ODDS = [6, 1, 5, 3, 3, 1, 2];
const poisson = mix(SEVEN, POISSON_ODDS, 6_000);
const even = (ms: number, atMs: number): number => Math.round(atMs * ms);

const four = Array.from({ length: 4 }, (_, index) =>
  cast({ name: `cycle-${index + 1}`, gib: 5, loadMs: 5_000, concurrency: 2, serviceMs: 2_000 }),
);
const zipf = Array.from({ length: 8 }, (_, index) =>
  cast({
    name: `zipf-${index + 1}`,
    gib: 3 + (index % 3) * 2,
    loadMs: 4_000 + (index % 3) * 2_500,
    concurrency: 2,
    serviceMs: 3_000,
  }),
);
const contexts = [4_096, 32_768].map((num_ctx) =>
  cast({
    name: "flap-8b",
    gib: num_ctx === 4_096 ? 6 : 9,
    loadMs: 6_000,
    concurrency: 2,
    serviceMs: 3_000,
    options: { num_ctx },
  }),
);

/** Speech in, an answer, speech out; then the client pauses and speaks again. */
function talk(turns: number, random: Random): Job {
  const speech = drawn(tts, random);
  const after =
    turns > 1
      ? { next: { afterMs: Math.round(random.exponential(3_000)), job: talk(turns - 1, random) } }
      : {};
  const answer: Job = { ...drawn(chat, random), next: { afterMs: 0, job: { ...speech, ...after } } };
  return { ...drawn(stt, random), next: { afterMs: 0, job: answer } };
}

const RECIPES: readonly Recipe[] = [
  { name: "poisson", about: "seven models, independent arrivals", cast: SEVEN, arrivals: poisson },
  {
    name: "alternate",
    about: "two models of which one fits, requested alternately",
    cast: [coder, image],
    arrivals: ({ random, jobs }) =>
      Array.from({ length: jobs }, (_, index) => ({
        atMs: even(9_000, index),
        job: { ...drawn(index % 2 === 0 ? coder : image, random), serviceMs: 4_000 },
      })),
  },
  {
    name: "hot and rare",
    about: "one model without a pause, two others now and then",
    cast: [coder, vision, image],
    arrivals: mix([coder, vision, image], [30, 1, 1], 5_500),
  },
  {
    name: "bursts",
    about: "many for one model at once, then for another",
    cast: [chat, coder, vision, image],
    arrivals: ({ random, jobs }) => {
      const arrivals: Arrival[] = [];
      for (let atMs = 0; arrivals.length < jobs; atMs += random.exponential(75_000)) {
        const one = [chat, coder, vision, image][random.pick([3, 2, 2, 1])] ?? chat;
        const size = one === image ? 2 : 4 + Math.floor(random.next() * 8);
        for (let index = 0; index < size; index += 1) {
          arrivals.push({ atMs: Math.round(atMs + random.next() * 2_000), job: drawn(one, random) });
        }
      }
      return arrivals.sort((a, b) => a.atMs - b.atMs);
    },
  },
  {
    name: "voice",
    about: "speech, chat and speech again in a loop; all fit",
    cast: [stt, chat, tts],
    arrivals: ({ random, jobs }) =>
      Array.from({ length: 8 }, (_, index) => ({
        atMs: index * 500,
        job: talk(Math.max(1, Math.round(jobs / 24)), random),
      })),
  },
  {
    name: "fits",
    about: "four models that fit together, busy",
    cast: [chat, embed, stt, tts],
    arrivals: mix([chat, embed, stt, tts], [3, 4, 1, 2], 500),
  },
  {
    name: "cyclic",
    about: "four models in a circle, and three fit",
    cast: four,
    arrivals: ({ random, jobs }) =>
      Array.from({ length: jobs }, (_, index) => ({
        atMs: even(4_000, index),
        job: drawn(four[index % 4] ?? chat, random),
      })),
  },
  {
    name: "zipf",
    about: "eight models by popularity, Gamma arrivals (shape 0.3)",
    cast: zipf,
    arrivals: mix(
      zipf,
      zipf.map((_, index) => 1 / (index + 1)),
      4_500,
      0.3,
    ),
  },
  {
    name: "abort storm",
    about: "as poisson, and every other client gives up within 10 s",
    cast: SEVEN,
    arrivals: (making) =>
      poisson(making).map(({ atMs, job }) => ({
        atMs,
        job:
          making.random.next() < 0.5
            ? { ...job, patienceMs: Math.round(making.random.between(100, 10_000)) }
            : job,
      })),
  },
  {
    name: "num_ctx",
    about: "one model with two alternating context sizes, and another",
    cast: [...contexts, embed],
    arrivals: mix([...contexts, embed], [2, 1, 2], 5_000),
  },
  {
    name: "spike",
    about: "as poisson, and others take 4 GB for two minutes, three times",
    cast: SEVEN,
    extras: {
      external: [300, 900, 1_500].flatMap((s) => [
        { atMs: s * 1_000, bytes: 4 * GIB },
        { atMs: (s + 120) * 1_000, bytes: 0 },
      ]),
    },
    arrivals: poisson,
  },
  {
    name: "lying unload",
    about: "as poisson, and every fifth unload does nothing",
    cast: SEVEN,
    extras: { lyingUnloadEvery: 5 },
    arrivals: poisson,
  },
  {
    name: "slow reclaim",
    about: "as poisson with longer gaps; memory comes back after 20 s",
    cast: SEVEN,
    extras: { reclaimMs: 20_000 },
    arrivals: mix(SEVEN, POISSON_ODDS, 12_000),
  },
  {
    name: "mapped files",
    about: "as poisson beside 2 GB of others, and readings show a tenth of what models take",
    cast: SEVEN,
    extras: { shown: 0.1, external: [{ atMs: 0, bytes: 2 * GIB }] },
    arrivals: poisson,
  },
  {
    name: "crash",
    about: "as poisson, and every sixth load fails half way",
    cast: SEVEN,
    extras: { crashEvery: 6 },
    arrivals: poisson,
  },
];

export interface TraceOptions {
  readonly seed: number;
  /** Jobs for each trace, about. */
  readonly jobs: number;
}

export const TRACE_NAMES: readonly string[] = RECIPES.map((recipe) => recipe.name);

export function makeTraces({ seed, jobs }: TraceOptions): Trace[] {
  return RECIPES.map((recipe, index) => ({
    name: recipe.name,
    about: recipe.about,
    totalBytes: TOTAL,
    models: recipe.cast.map(({ model }) => model),
    external: [],
    reclaimMs: 0,
    ...recipe.extras,
    arrivals: recipe.arrivals({ random: seeded(seed * 1_000 + index), jobs }),
  }));
}
