/** Figures that no model has: a unit that slipped, or a factor of a thousand. */
import { bytesOf, type Model, type Operation } from "@headgate/contract";
import { tierOf } from "../link/workspace.ts";
import type { Lint } from "./lint.ts";

const MIN_WINDOW = 512;
/** The largest window that is counted on without a source. */
const MAX_WINDOW = 2_097_152;
/** The largest that any model states. */
const MAX_SOURCED_WINDOW = 10_485_760;

export const window: Lint = ({ fragments }, report) => {
  for (const { source, models } of fragments) {
    for (const { model, path } of models) {
      if (model.operation !== "chat" && model.operation !== "embedding") continue;
      for (const field of ["context_tokens", "max_output_tokens"] as const) {
        const tokens = model[field];
        if (tokens === undefined) continue;
        const doubtful = model.unverified?.includes(field) === true;
        const most = doubtful ? MAX_WINDOW : MAX_SOURCED_WINDOW;
        const least = field === "context_tokens" ? MIN_WINDOW : 128;
        if (tokens >= least && tokens <= most) continue;
        report.add("HG342", source, {
          message: `${tokens} tokens are ${tokens < least ? "fewer" : "more"} than any model is known to have.`,
          fix:
            tokens < least ? "Write the tokens out: 128K are 131072." : "Correct the figure; 1M are 1048576.",
          at: { path: [...path, field] },
        });
      }
    }
  }
};

const GB = 1_000_000_000;

/** Bytes of a residency, by operation. */
const RANGES: Partial<Record<Operation, readonly [least: number, most: number]>> = {
  chat: [0.3 * GB, 400 * GB],
  embedding: [0.04 * GB, 40 * GB],
  image: [0.3 * GB, 100 * GB],
};
const ANY_RANGE = [0.02 * GB, 40 * GB] as const;

/** Of a thousand million parameters: from three bits each to 32 bits and a large context. */
const OF_BILLION = [0.3 * GB, 8 * GB] as const;

export const memorySize: Lint = ({ fragments }, report) => {
  for (const { source, models } of fragments) {
    for (const linked of models) {
      const { model, path } = linked;
      if (model.memory === undefined || tierOf(linked) !== "local") continue;
      const bytes = bytesOf(model.memory.bytes);
      const [least, most] = rangeOf(model);
      if (bytes >= least && bytes <= most) continue;
      report.add("HG343", source, {
        message: `\`${model.memory.bytes}\` is ${bytes < least ? "less" : "more"} than \`${model.alias}\` can take.`,
        fix: "Correct the figure or its unit: GB for a language model, MB for a small one.",
        at: { path: [...path, "memory", "bytes"] },
      });
    }
  }
};

function rangeOf({ operation, upstream }: Model): readonly [number, number] {
  const billions = Number(/(?:^|[^0-9a-z.])([0-9]+(?:\.[0-9]+)?)b(?![a-z])/i.exec(upstream)?.[1]);
  if (operation === "chat" && billions > 0)
    return [billions * OF_BILLION[0], Math.max(2 * GB, billions * OF_BILLION[1])];
  return RANGES[operation] ?? ANY_RANGE;
}

/** Two aliases of one upstream id are most often one that was copied and not changed. */
export const repeatedUpstream: Lint = ({ fragments }, report) => {
  for (const { source, models } of fragments) {
    const first = new Map<string, (typeof models)[number]>();
    for (const linked of models) {
      const { upstream, operation } = linked.model;
      const key = `${operation} ${upstream}`;
      const other = first.get(key);
      if (other === undefined) {
        first.set(key, linked);
        continue;
      }
      report.add("HG344", source, {
        message: `\`${linked.model.alias}\` has the same upstream id as \`${other.model.alias}\`.`,
        fix: "Correct the id, or delete one of the two.",
        at: { path: [...linked.path, linked.written.upstream === undefined ? "alias" : "upstream"] },
        related: [{ message: "The other one is here.", source, at: { path: [...other.path, "alias"] } }],
      });
    }
  }
};
