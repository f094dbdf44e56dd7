import { availableParallelism } from "node:os";
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
    // Tests of processes, streams and browsers wait: one more than cores keeps every core busy.
    maxWorkers: availableParallelism() + 1,
    // For a hang: on a busy machine a test of several processes takes ten times its time.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
  },
});
