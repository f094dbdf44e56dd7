/** Quotas that contradict or repeat each other. */
import type { Limit } from "@headgate/contract";
import type { Source } from "../load/source.ts";
import type { Path } from "../load/tree.ts";
import type { Report } from "../report.ts";
import type { Lint } from "./lint.ts";

/** From the shortest to the longest. */
const WINDOWS: readonly Limit["window"][] = [undefined, "minute", "hour", "day", "month"];

interface Placed {
  readonly limit: Limit;
  readonly path: Path;
}

export const limits: Lint = ({ fragments }, report) => {
  for (const { source, fields, models } of fragments) {
    checkList(source, fields.limits ?? [], ["limits"], report);
    for (const { model, path } of models) checkList(source, model.limits ?? [], [...path, "limits"], report);
  }
};

function checkList(source: Source, list: readonly Limit[], path: Path, report: Report): void {
  const quotas = new Map<string, Map<Limit["window"], Placed>>();
  list.forEach((limit, index) => {
    const placed = { limit, path: [...path, index] };
    checkReset(source, placed, report);
    const quota = quotaOf(limit);
    const windows = quotas.get(quota) ?? new Map<Limit["window"], Placed>();
    quotas.set(quota, windows);
    const first = windows.get(limit.window);
    if (first === undefined) {
      windows.set(limit.window, placed);
      return;
    }
    report.add("HG312", source, {
      message: `${words(limit)} is stated a second time${first.limit.amount === limit.amount ? "" : ", with another amount"}.`,
      at: { path: [...placed.path, "amount"] },
      related: [{ message: "The first one is here.", source, at: { path: [...first.path, "amount"] } }],
    });
  });
  for (const windows of quotas.values()) checkOrder(source, windows, report);
}

/** `00:00 <zone>` and `1st 00:00 <zone>`; the others fit every window. */
const CALENDAR = /^(1st )?00:00 (\S+)$/;

/** Asking for a zone takes milliseconds, and a catalogue names the same few again and again. */
const zones = new Map<string, boolean>([["UTC", true]]);

function isZone(name: string): boolean {
  const known = zones.get(name);
  if (known !== undefined) return known;
  let found = true;
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: name });
  } catch {
    found = false;
  }
  zones.set(name, found);
  return found;
}

/** A minute cannot come back at midnight. */
function checkReset(source: Source, { limit, path }: Placed, report: Report): void {
  const { reset, window } = limit;
  const calendar = reset === undefined ? null : CALENDAR.exec(reset);
  if (calendar === null) return;
  const [, first, zone = ""] = calendar;
  if (!isZone(zone)) {
    report.add("HG311", source, {
      message: `There is no time zone called \`${zone}\`.`,
      fix: "Write a name of the IANA time zone database, such as `America/Los_Angeles`, or `UTC`.",
      at: { path: [...path, "reset"] },
    });
  }
  const wanted = first === undefined ? "day" : "month";
  if (window === wanted) return;
  report.add("HG311", source, {
    message: `A quota ${window === undefined ? "without a window" : `per ${window}`} cannot come back at \`${reset}\`.`,
    fix: `Write \`window: ${wanted}\`, or another \`reset\`.`,
    at: { path: [...path, "reset"] },
  });
}

/** What a longer window allows can be no less than what a shorter one does. */
function checkOrder(source: Source, windows: ReadonlyMap<Limit["window"], Placed>, report: Report): void {
  let shorter: Placed | undefined;
  for (const window of WINDOWS) {
    const placed = windows.get(window);
    if (window === undefined || placed === undefined) continue;
    if (shorter !== undefined && shorter.limit.amount > placed.limit.amount) {
      report.add("HG311", source, {
        message: `${placed.limit.amount} ${placed.limit.unit} a ${window} are fewer than the ${shorter.limit.amount} allowed a ${shorter.limit.window}.`,
        at: { path: [...placed.path, "amount"] },
        related: [
          { message: "The shorter window is here.", source, at: { path: [...shorter.path, "amount"] } },
        ],
      });
    } else shorter = placed;
  }
}

/** Equal for limits that count the same things. */
const quotaOf = ({ scope, unit, operations, models }: Limit): string =>
  JSON.stringify([scope, unit, operations?.toSorted(), models?.toSorted()]);

const words = ({ unit, window, scope }: Limit): string =>
  `The quota of ${unit}${window === undefined ? "" : ` a ${window}`} per ${scope}`;
