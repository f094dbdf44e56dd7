import type { Lint } from "./lint.ts";

export const sourceDate: Lint = ({ fragments, bases, today }, report) => {
  const lists = [
    ...fragments.map(({ source, fields }) => ({ source, sources: fields.sources })),
    ...bases.map(({ source, value }) => ({ source, sources: value.sources })),
  ];
  for (const { source, sources } of lists) {
    sources?.forEach(({ date }, index) => {
      if (exists(date) && date > today) {
        report.add("HG345", source, {
          message: `\`${date}\` is still to come; today is ${today}.`,
          at: { path: ["sources", index, "date"] },
        });
      }
      if (exists(date)) return;
      report.add("HG316", source, {
        message: `\`${date}\` is no day of the calendar.`,
        at: { path: ["sources", index, "date"] },
      });
    });
  }
};

/** A day that the calendar does not have rolls over into another month, or is no time at all. */
function exists(date: string): boolean {
  const time = Date.parse(`${date}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date);
}
