/** Properties are tried with the same values for every mutant, and a counterexample is not shrunk: it is killed either way. */
import fc from "fast-check";

fc.configureGlobal({ seed: 20_261_121, endOnFailure: true });
