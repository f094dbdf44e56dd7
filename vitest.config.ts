import { defineConfig } from "vitest/config";

const conditions = ["@headgate/source", "node", "import", "default"];
/** turbo shows the output of a part once it has ended, so a part prints its failures and its count. */
const inTurbo = process.env.TURBO_HASH !== undefined;

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ["**/*.test.{ts,tsx}"],
    exclude: ["**/node_modules/**", "**/dist/**", "**/.*/**"],
    reporters: [
      inTurbo ? "minimal" : "default",
      ...(process.env.GITHUB_ACTIONS === "true" ? ["github-actions"] : []),
      "./scripts/test-summary.ts",
    ],
    pool: "threads",
    // A worker imports each module once, not once for each file of tests: a third of the processor's time of the whole suite.
    // So a test gives back what it changes in a module or in the process.
    isolate: false,
    // The default, one worker fewer than cores, leaves one of two cores idle.
    maxWorkers: "100%",
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
