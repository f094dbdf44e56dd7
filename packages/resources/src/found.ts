/** From what a backend reports to the models that are declared. */
import type { FoundModel, ModelNeed } from "./core/types.ts";
import type { LoadedModel } from "./driver.ts";
import { residencySpec } from "./residency.ts";

/** For evictions an undeclared model costs what a middling one does. */
const STRANGER_LOAD_MS = 10_000;

/** What is assumed of an undeclared model: where it runs, and whether its backend splits models. */
export type StrangerFacts = Pick<ModelNeed, "deviceClass" | "splits">;

/** How well a declared need fits a report: options that the report leaves out may be anything. */
function fits(need: ModelNeed, loaded: LoadedModel): boolean {
  if (need.spec.model !== loaded.model) return false;
  return Object.entries(loaded.options).every(
    ([name, value]) => (need.spec.options[name] ?? value) === value,
  );
}

function strangersNeed(
  backend: string,
  loaded: LoadedModel,
  { deviceClass, splits }: StrangerFacts,
): ModelNeed {
  return {
    spec: residencySpec(backend, loaded.model, loaded.options),
    deviceClass: loaded.gpuBytes === 0 || loaded.device === "cpu" ? "cpu" : deviceClass,
    splits,
    bytes: loaded.bytes ?? 0,
    transientBytes: 0,
    loadCostMs: STRANGER_LOAD_MS,
    concurrency: loaded.concurrency ?? 1,
    pinned: false,
    priority: 0,
    idleUnloadMs: undefined,
    minResidencyMs: 0,
  };
}

/**
 * Each reported model with the need that it answers to. Where several fit, because the backend does not report the options
 * that differ, one that `isPresent` holds for is taken first.
 */
export function matchFound(
  backend: string,
  reported: readonly LoadedModel[],
  needs: Iterable<ModelNeed>,
  isPresent: (key: string) => boolean,
  strangers: StrangerFacts,
): FoundModel[] {
  const declared = [...needs].filter((need) => need.spec.backend === backend);
  const found = new Map<string, FoundModel>();
  for (const loaded of reported) {
    const fitting = declared.filter((need) => fits(need, loaded) && !found.has(need.spec.key));
    const need =
      fitting.find((one) => isPresent(one.spec.key)) ??
      fitting[0] ??
      strangersNeed(backend, loaded, strangers);
    const { bytes, gpuBytes, busy, loading, device, concurrency } = loaded;
    found.set(need.spec.key, { need, bytes, gpuBytes, busy, loading, device, concurrency });
  }
  return [...found.values()];
}
