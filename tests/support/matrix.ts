/**
 * Every surface in front of every adapter: which features pass, and which do not. The test asserts it, and
 * docs/compatibility.md is its output.
 */
import { readFileSync } from "node:fs";
import { healthy, type Lab, startLab } from "@headgate/upstream-lab";
import { type ProviderSketch, startGateway, type TestGateway } from "./gateway.ts";
import { CITED, FEATURES, type Feature, PIXEL, RESULT } from "./matrix-samples.ts";
import { readAnswer, type Seen, SURFACES, type SurfaceId } from "./matrix-surfaces.ts";

export interface Cell {
  readonly surface: SurfaceId;
  readonly adapter: string;
  readonly feature: Feature;
  readonly stream: boolean;
  /** Empty when it passed; otherwise what came instead. */
  readonly problem: string;
}

const MODEL = "matrix-model";
const adapterOf = (model: string): string => model.slice("via-".length);

const adapters = (lab: Lab): readonly ProviderSketch[] =>
  [
    { adapter: "openai-compatible", baseUrl: lab.baseUrl },
    { adapter: "anthropic", baseUrl: lab.url, auth: { scheme: "header" as const, header: "x-api-key" } },
    {
      adapter: "gemini",
      baseUrl: `${lab.url}/v1beta`,
      auth: { scheme: "header" as const, header: "x-goog-api-key" },
    },
    { adapter: "cohere", baseUrl: `${lab.url}/v2` },
    { adapter: "ollama", baseUrl: lab.url },
  ].map((provider) => ({
    ...provider,
    id: provider.adapter,
    models: [{ alias: `via-${provider.adapter}`, upstream: MODEL }],
  }));

/** Runs every cell, one after another: they share the lab's single model. */
export async function runMatrix(): Promise<readonly Cell[]> {
  const lab = await startLab();
  const providers = adapters(lab);
  const gateway = await startGateway(providers);
  const cells: Cell[] = [];
  try {
    for (const surface of Object.keys(SURFACES) as SurfaceId[]) {
      for (const { id: adapter } of providers) {
        for (const feature of FEATURES) {
          for (const stream of [false, true]) {
            const problem = await runCell(lab, gateway, surface, `via-${adapter}`, feature, stream);
            cells.push({ surface, adapter, feature, stream, problem });
          }
        }
      }
    }
  } finally {
    await gateway.close();
    await lab.close();
  }
  return cells;
}

const EXPECTED: Readonly<Record<Feature, Partial<Seen>>> = {
  text: { text: "The gate is open." },
  tools: { calls: [{ name: "get_weather", arguments: { city: "Graz" } }] },
  "tool results": { text: "The gate is open." },
  images: { text: "The gate is open." },
  reasoning: { text: "Yes.", reasoning: "Let me see." },
  "json schema": { text: '{"town":"Graz"}' },
  citations: {
    text: CITED.text,
    citations: [{ url: CITED.url, title: CITED.title, words: CITED.words }],
  },
};

/** Only a wire without a place for a feature may lose it. */
const NO_PLACE: readonly {
  readonly adapter?: string;
  readonly surface?: SurfaceId;
  readonly feature: Feature;
  readonly why: string;
}[] = [
  {
    adapter: "ollama",
    feature: "citations",
    why: "Ollama's wire has no place for sources: its models name none",
  },
  {
    surface: "ollama",
    feature: "citations",
    why: "this surface has no place for sources: the text arrives without them",
  },
];

const placeless = (surface: SurfaceId, adapter: string, feature: Feature): string | undefined =>
  NO_PLACE.find(
    (one) =>
      one.feature === feature && (one.adapter ?? adapter) === adapter && (one.surface ?? surface) === surface,
  )?.why;

async function runCell(
  lab: Lab,
  gateway: TestGateway,
  surface: SurfaceId,
  model: string,
  feature: Feature,
  stream: boolean,
): Promise<string> {
  lab.behave(
    MODEL,
    feature === "citations"
      ? healthy({ text: CITED.pieces, citations: [CITED] })
      : feature === "tools"
        ? healthy({ toolCalls: [{ name: "get_weather", arguments: ['{"city":', '"Graz"}'] }] })
        : feature === "reasoning"
          ? healthy({ reasoning: ["Let me ", "see."], text: ["Yes", "."] })
          : healthy({
              text: feature === "json schema" ? ['{"town":', '"Graz"}'] : ["The gate ", "is open."],
            }),
  );
  const call = SURFACES[surface].request(model, feature, stream);
  if (call === undefined) return "the surface has no place for it";
  const response = await gateway.fetch(call.path, {
    method: "POST",
    body: JSON.stringify(call.body),
    headers: { "anthropic-version": "2023-06-01" },
  });
  const raw = await response.text();
  if (!response.ok) return `${response.status}: ${messageIn(raw)}`;
  const seen = readAnswer(surface, raw, stream);
  const why = placeless(surface, adapterOf(model), feature);
  if (why !== undefined && seen.citations.length === 0) return why;
  for (const [name, value] of Object.entries(EXPECTED[feature])) {
    const got = JSON.stringify(seen[name as keyof Seen]);
    if (got !== JSON.stringify(value)) return `${name} came as ${got}`;
  }
  const sent = lab.requests.at(-1)?.rawBody.toString() ?? "";
  if (feature === "images" && !sent.includes(PIXEL)) return "the image did not arrive";
  if (feature === "tool results" && !sent.includes(RESULT)) return "the result did not arrive";
  if (feature === "json schema" && !sent.includes('"town"')) return "the schema did not arrive";
  return seen.whole ? "" : "the stream did not end as this surface's streams do";
}

function messageIn(raw: string): string {
  try {
    const { error } = JSON.parse(raw) as { error?: string | { message?: string } };
    return (typeof error === "string" ? error : error?.message) ?? raw.slice(0, 120);
  } catch {
    return raw.slice(0, 120);
  }
}

const operationsOf = (adapter: string): readonly string[] => {
  const manifest = JSON.parse(readFileSync(`packages/adapters/${adapter}/package.json`, "utf8")) as {
    headgate: { operations: readonly string[] };
  };
  return manifest.headgate.operations;
};

/** docs/compatibility.md: a table per surface, with a reason for each feature that does not pass. */
export function printMatrix(cells: readonly Cell[]): string {
  const adapterIds = [...new Set(cells.map(({ adapter }) => adapter))];
  const surfaces = [...new Set(cells.map(({ surface }) => surface))];
  const lines = [
    "<!-- Generated by `make matrix` from tests/support/matrix.ts. Do not edit. -->",
    "",
    "# Compatibility",
    "",
    "Every surface (the client's API) in front of every adapter (the provider's wire format), whole and streamed. ✓: the feature",
    "arrives in the client's own format; a test checks each. A number refers to the reason below. The tested model has every",
    "capability; a capability that a real model lacks is refused by name with a 422.",
  ];
  const reasons: string[] = [];
  const noteOf = (problem: string): string => {
    if (!reasons.includes(problem)) reasons.push(problem);
    return `[${reasons.indexOf(problem) + 1}](#reasons)`;
  };
  for (const surface of surfaces) {
    lines.push(
      "",
      `## ${SURFACES[surface].title}`,
      "",
      `| | ${adapterIds.map((id) => `\`${id}\``).join(" | ")} |`,
      `| --- |${" --- |".repeat(adapterIds.length)}`,
    );
    for (const feature of FEATURES) {
      const row = adapterIds.map((adapter) => {
        const [whole, streamed] = [false, true].map(
          (stream) =>
            cells.find(
              (cell) =>
                cell.surface === surface &&
                cell.adapter === adapter &&
                cell.feature === feature &&
                cell.stream === stream,
            )?.problem ?? "not tested",
        );
        if (whole === "" && streamed === "") return "✓";
        if (whole === streamed) return `– ${noteOf(whole ?? "")}`;
        return whole === ""
          ? `✓ whole, streamed – ${noteOf(streamed ?? "")}`
          : `✓ streamed, whole – ${noteOf(whole ?? "")}`;
      });
      lines.push(`| ${feature} | ${row.join(" | ")} |`);
    }
  }
  lines.push("", "## Operations", "", "What each adapter serves beside chat, from its manifest.", "");
  lines.push(
    `| | ${adapterIds.map((id) => `\`${id}\``).join(" | ")} |`,
    `| --- |${" --- |".repeat(adapterIds.length)}`,
  );
  for (const operation of ["embedding", "rerank", "image", "speech", "transcription", "moderation"]) {
    lines.push(
      `| ${operation} | ${adapterIds.map((id) => (operationsOf(id).includes(operation) ? "✓" : "–")).join(" | ")} |`,
    );
  }
  lines.push("", "## Reasons", "");
  for (const [at, reason] of reasons.entries()) lines.push(`${at + 1}. ${reason}`);
  if (reasons.length === 0) lines.push("Everything goes through.");
  return `${lines.join("\n")}\n`;
}
