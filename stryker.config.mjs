/** Mutation testing, run by scripts/mutate.ts (`make mutate`), which also says which files are mutated. */

const FOLDER = ".build/mutation";

/** @type {import("@stryker-mutator/api/core").PartialStrykerOptions} */
export default {
  testRunner: "vitest",
  plugins: ["@stryker-mutator/vitest-runner", "./scripts/mutation/prose.mjs"],
  ignorers: ["prose"],
  vitest: { configFile: "vitest.mutation.config.ts" },
  coverageAnalysis: "perTest",
  thresholds: { high: 90, low: 85, break: 85 },
  // The sandbox holds what is mutated and its tests; other packages resolve to the working tree.
  ignorePatterns: [
    "/*",
    "!/packages",
    "/packages/*",
    "!/packages/{contract,router,adapter-kit,resources}",
    "!/scripts",
    "/scripts/*",
    "!/scripts/mutation",
    "!/vitest.mutation.config.ts",
    "!/package.json",
    // They name packages that are not here.
    "/packages/*/tsconfig.json",
  ],
  // TypeScript 7 has no API for Stryker to rewrite a tsconfig with, and vitest reads none.
  tsconfigFile: "none",
  // vitest strips types without a check.
  disableTypeChecks: false,
  warnings: { slow: false },
  tempDirName: `${FOLDER}/sandbox`,
  incremental: true,
  incrementalFile: `${FOLDER}/incremental.json`,
  reporters: ["progress-append-only", "json", "html"],
  jsonReporter: { fileName: `${FOLDER}/report.json` },
  htmlReporter: { fileName: `${FOLDER}/report.html` },
};
