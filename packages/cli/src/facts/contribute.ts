/** The edit and the refusals that were seen, as files of a folder that is ready for a pull request. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { InstalledAdapter } from "@headgate/compiler";
import type { Catalog, CatalogProvider } from "@headgate/contract";
import type { Observation } from "@headgate/runtime/verify-facts";
import { type FileEdit, makeEdits } from "../models/edits.ts";
import type { Verdict } from "../models/judge.ts";
import type { Findings } from "./findings.ts";
import { scrubbedBody } from "./scrub.ts";

export interface ContributeInput {
  /** Of the catalogue. */
  readonly root: string;
  readonly catalog: Catalog;
  readonly adapters: readonly InstalledAdapter[];
  readonly provider: CatalogProvider;
  readonly found: Findings;
  readonly observations: readonly Observation[];
  readonly scrub: (text: string) => string;
  readonly date: string;
}

/** The edit of the fragment; empty where nothing is contradicted. */
export function contributedEdits({
  root,
  catalog,
  adapters,
  provider,
  found,
  date,
}: ContributeInput): readonly FileEdit[] {
  const { edits, refused } = found;
  const gone = edits.flatMap(({ model, gone: reason }) => (reason === undefined ? [] : [{ model, reason }]));
  const changed = edits.flatMap(({ model, gone: reason, ...facts }) =>
    reason === undefined ? [{ model, facts }] : [],
  );
  const verdict: Verdict = {
    add: [],
    gone,
    deprecate: [],
    changed,
    kept: [],
    failed: [],
    untried: [],
    leftOut: [],
    remember: new Map(),
  };
  return makeEdits({
    place: { kind: "catalogue", root },
    catalog,
    adapters,
    verdicts: [{ provider, verdict, refused }],
    date,
    source: (id) => `calls to ${id}, by headgate facts verify`,
  }).files;
}

interface ErrorExchange {
  readonly basis: "recorded";
  readonly status: number;
  readonly body: unknown;
  readonly class: string;
}

/** The fragment's exchanges with each refusal that was seen, scrubbed; undefined where there is none. */
export function recordedExchanges({
  root,
  provider,
  observations,
  scrub,
}: ContributeInput): string | undefined {
  const seen = new Map<string, ErrorExchange>();
  for (const { status, failure, body } of observations) {
    if (failure === undefined || body === undefined || status === undefined || status < 400) continue;
    const json = parsed(body);
    // A page of a proxy proves nothing about the provider.
    if (typeof json !== "object" || json === null) continue;
    const exchange = {
      basis: "recorded",
      status,
      body: scrubbedBody(json, scrub),
      class: failure.class,
    } as const;
    seen.set(`${status} ${JSON.stringify(exchange.body)}`, exchange);
  }
  if (seen.size === 0) return undefined;
  const path = join(root, "providers", provider.id, "fixtures", "exchanges.json");
  const before = existsSync(path) ? parsed(readFileSync(path, "utf8")) : {};
  const held = (typeof before === "object" && before !== null ? before : {}) as { errors?: unknown[] };
  const errors = [...(held.errors ?? []), ...seen.values()];
  return `${JSON.stringify({ ...held, errors }, null, 2)}\n`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
