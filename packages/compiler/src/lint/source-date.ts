import type { BaseModel } from "@headgate/contract";
import type { Workspace } from "../link/workspace.ts";
import type { Source } from "../load/source.ts";
import type { Path } from "../load/tree.ts";
import type { Lint } from "./lint.ts";

/** A day on which something was read, or came to its end. */
interface Dated {
  readonly source: Source;
  readonly path: Path;
  readonly date: string;
}

export const sourceDate: Lint = (workspace, report) => {
  const { today } = workspace;
  for (const { source, path, date } of daysOf(workspace)) {
    if (!exists(date))
      report.add("HG316", source, { message: `\`${date}\` is no day of the calendar.`, at: { path } });
    else if (date > today)
      report.add("HG345", source, {
        message: `\`${date}\` is still to come; today is ${today}.`,
        ...(path.at(-2) === "retired" ? { fix: "Write `retires: <date>` for what is announced." } : {}),
        at: { path },
      });
  }
};

function* daysOf({ fragments, bases }: Workspace): Generator<Dated> {
  const read = (source: Source, sources: BaseModel["sources"]): Dated[] =>
    (sources ?? []).map(({ date }, index) => ({ source, path: ["sources", index, "date"], date }));
  for (const { source, value } of bases) yield* read(source, value.sources);
  for (const { source, fields, models } of fragments) {
    yield* read(source, fields.sources);
    if (fields.data !== undefined) yield { source, path: ["data", "date"], date: fields.data.date };
    for (const [name, plan] of Object.entries(fields.plans ?? {}))
      if (plan?.data !== undefined)
        yield { source, path: ["plans", name, "data", "date"], date: plan.data.date };
    for (const { model, path } of models)
      for (const field of ["price", "deprecated", "retired"] as const) {
        const { date } = model[field] ?? {};
        if (date !== undefined) yield { source, path: [...path, field, "date"], date };
      }
  }
}

/** A day that the calendar does not have rolls over into another month, or is no time at all. */
function exists(date: string): boolean {
  const time = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date);
}
