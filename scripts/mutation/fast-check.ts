/**
 * fast-check as `make mutate` has it: the same values for every mutant, a few dozen of them, and no shrinking. Most faults
 * show in the first few, and a mutant is killed whatever its counterexample looks like.
 */
import fc from "fast-check";

const MOST_RUNS = 40;

fc.configureGlobal({ seed: 20_261_121, endOnFailure: true });

const assert = ((property, parameters) =>
  fc.assert(property, {
    ...parameters,
    numRuns: Math.min(MOST_RUNS, parameters?.numRuns ?? MOST_RUNS),
  })) as typeof fc.assert;

export default { ...fc, assert };
