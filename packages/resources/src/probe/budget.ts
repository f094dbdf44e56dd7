/** HEADGATE_VRAM_BUDGET: how much of each device the models may take, set by a person. */
import type { DeviceId } from "../driver.ts";

/** The most bytes that models may take together on each device named, whatever other programs use there. */
export type Budget = ReadonlyMap<DeviceId, number>;

export type ParsedBudget =
  | { readonly ok: true; readonly budget: Budget }
  /** What is wrong, where, and how it is written right. */
  | { readonly ok: false; readonly message: string };

const UNITS: Readonly<Record<string, number>> = {
  mb: 1e6,
  gb: 1e9,
  mib: 2 ** 20,
  gib: 2 ** 30,
};

const EXAMPLE =
  "write it as 0:16GiB,1:8GiB (nvidia-smi's index, a colon, MiB, GiB, MB or GB), or cpu:32GiB for RAM";

/** `0:16GiB,1:8GiB`, `cuda:0:16GiB`, `cpu:32GiB`; blanks and the case of units are of no matter. */
export function parseBudget(text: string): ParsedBudget {
  const wrong = (part: string, why: string): ParsedBudget => ({
    ok: false,
    message: `"${part}" ${why}; ${EXAMPLE}`,
  });
  const budget = new Map<DeviceId, number>();
  for (const raw of text.split(",")) {
    const part = raw.trim();
    if (part === "") return wrong(text.trim(), "has an empty entry");
    const colon = part.lastIndexOf(":");
    if (colon === -1) return wrong(part, "is not a device and a size");
    const name = part.slice(0, colon).trim();
    const size = part.slice(colon + 1).trim();
    const device = deviceOf(name);
    if (device === undefined) return wrong(part, `names no device: "${name}" is neither an index nor cpu`);
    if (budget.has(device)) return wrong(part, `gives device ${name} a second budget`);
    const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(size);
    if (match === null) return wrong(part, `has no size: "${size}" is not a number with a unit`);
    const unit = UNITS[match[2]?.toLowerCase() ?? ""];
    if (unit === undefined)
      return wrong(part, match[2] === "" ? "has a size without a unit" : `has an unknown unit`);
    const bytes = Math.round(Number(match[1]) * unit);
    if (!Number.isSafeInteger(bytes) || bytes <= 0) return wrong(part, "has a size that no device has");
    budget.set(device, bytes);
  }
  return { ok: true, budget };
}

function deviceOf(name: string): DeviceId | undefined {
  if (/^cpu$/i.test(name)) return "cpu";
  const index = /^(?:cuda:)?(\d{1,4})$/.exec(name)?.[1];
  return index === undefined ? undefined : `cuda:${Number(index)}`;
}
