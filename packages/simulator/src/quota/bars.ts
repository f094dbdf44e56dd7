/** What must hold of Headgate's own rows; never of those it is compared with. */
import type { Figures } from "./figures.ts";
import type { Scenario } from "./scenarios.ts";

export interface Bar {
  readonly what: string;
  readonly wanted: string;
  readonly got: string;
  readonly met: boolean;
}

const SERVED = 0.98;
const WASTED = { true: 0.005, wrong: 0.02, calm: 0.005 } as const;
const ATTEMPTS_P99 = 2;
const OVERSHOOT = 0.01;

export const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

export function barsOf({ id }: Scenario, rows: readonly Figures[]): Bar[] {
  return rows.flatMap((row) => {
    if (!row.policy.startsWith("headgate")) return [];
    const bars: Bar[] = [
      {
        what: `${id}: ${row.policy}: calls wasted on refusals`,
        wanted: `≤ ${percent(WASTED[id])}`,
        got: percent(row.wastedShare),
        met: row.wastedShare <= WASTED[id],
      },
      {
        what: `${id}: ${row.policy}: attempts per request, 99th percentile`,
        wanted: `≤ ${ATTEMPTS_P99}`,
        got: String(row.attemptsP99),
        met: row.attemptsP99 <= ATTEMPTS_P99,
      },
    ];
    if (id === "true")
      bars.push(
        {
          what: `${id}: ${row.policy}: served, of the upper bound`,
          wanted: `≥ ${percent(SERVED)}`,
          got: percent(row.ofBound),
          met: row.ofBound >= SERVED,
        },
        {
          what: `${id}: ${row.policy}: the limit overshot most (${row.overshotLimit})`,
          wanted: `≤ ${percent(OVERSHOOT)}`,
          got: percent(row.overshoot),
          met: row.overshoot <= OVERSHOOT,
        },
      );
    return bars;
  });
}
