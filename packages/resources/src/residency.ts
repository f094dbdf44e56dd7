/** Names of residencies. */
import type { ResidencyOptions, ResidencySpec } from "./driver.ts";

/** Options in the order of their names, so that equal residencies have equal keys. */
export function residencySpec(backend: string, model: string, options: ResidencyOptions = {}): ResidencySpec {
  const ordered = Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1));
  const suffix = ordered.map(([name, value]) => `${name}=${value}`).join("&");
  const key = `${backend}/${model}${suffix === "" ? "" : `?${suffix}`}`;
  return { key, backend, model, options: Object.fromEntries(ordered) };
}
