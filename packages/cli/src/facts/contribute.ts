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
  found,
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
  const proof = proofOf(provider, found.refused);
  if (seen.size === 0 && proof === undefined) return undefined;
  const path = join(root, "providers", provider.id, "fixtures", "exchanges.json");
  const before = existsSync(path) ? parsed(readFileSync(path, "utf8")) : {};
  const held = (typeof before === "object" && before !== null ? before : {}) as {
    requests?: unknown[];
    errors?: unknown[];
  };
  const errors = [...(held.errors ?? []), ...seen.values()];
  const requests = [...(held.requests ?? []), ...(proof === undefined ? [] : [proof])];
  const all = {
    ...held,
    ...(requests.length === 0 ? {} : { requests }),
    ...(errors.length === 0 ? {} : { errors }),
  };
  return `${JSON.stringify(all, null, 2)}\n`;
}

const USUAL: Readonly<Record<string, unknown>> = {
  temperature: 0,
  top_p: 1,
  stop: ["\n\n"],
  seed: 1,
  user: "headgate",
};

/** A request that proves that these fields are left out; of other wires than OpenAI's it is written by hand. */
function proofOf({ adapter, models }: CatalogProvider, refused: readonly string[]): unknown {
  const model = models.find(
    ({ operation, retired }) => operation === "chat" && retired === undefined,
  )?.upstream;
  if (refused.length === 0 || adapter !== "openai-compatible" || model === undefined) return undefined;
  const sent = { messages: [{ role: "user", content: "Hi" }], model };
  const fields = Object.fromEntries(refused.map((name) => [name, USUAL[name] ?? true]));
  return {
    why: `It refuses ${refused.join(", ")}, as calls showed.`,
    proves: ["drop"],
    asked: { ...sent, ...fields },
    sent,
    dropped: [...refused],
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
