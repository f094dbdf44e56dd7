/** What must hold of Headgate's own rows; never of those it is compared with. */
import { percent, type Section } from "./figures.ts";

export interface Bar {
  readonly what: string;
  readonly wanted: string;
  readonly got: string;
  readonly met: boolean;
}

const SERVED = 0.98;
const WASTED = 0.005;
const ATTEMPTS_P99 = 2;
const OVERSHOOT = 0.01;
/** Stray refusals after whose stated wait calls were still kept away. */
const HELD_BACK = 0.005;

export function barsOf({ scenario, seed, rows }: Section): Bar[] {
  const { id } = scenario;
  return rows.flatMap((row) => {
    if (!row.policy.startsWith("headgate")) return [];
    const of = `${id}, seed ${seed}: ${row.policy}`;
    const share = (what: string, wanted: string, got: number, met: boolean): Bar => ({
      what: `${of}: ${what}`,
      wanted,
      got: percent(got),
      met,
    });
    const bars = [
      share("calls wasted on refusals", `≤ ${percent(WASTED)}`, row.wastedShare, row.wastedShare <= WASTED),
      {
        what: `${of}: attempts per request, 99th percentile`,
        wanted: `≤ ${ATTEMPTS_P99}`,
        got: String(row.attemptsP99),
        met: row.attemptsP99 <= ATTEMPTS_P99,
      },
    ];
    // A fragment's figure that is too low is obeyed while the upstream states no other, so less can be served there.
    if (id !== "wrong")
      bars.push(
        share("served, of the upper bound", `≥ ${percent(SERVED)}`, row.ofBound, row.ofBound >= SERVED),
      );
    if (id === "true")
      bars.push(
        share(
          `the limit overshot most (${row.overshotLimit})`,
          `≤ ${percent(OVERSHOOT)}`,
          row.overshoot,
          row.overshoot <= OVERSHOOT,
        ),
      );
    if (row.strays > 0) {
      const held = row.heldBack / row.strays;
      bars.push(
        share(
          `calls kept away after a stray refusal's wait (${row.heldBack} of ${row.strays})`,
          `≤ ${percent(HELD_BACK)}`,
          held,
          held <= HELD_BACK,
        ),
      );
    }
    return bars;
  });
}
