/** What `make mutate` runs for each mutant: the tests of the rooms that it mutates, small, and the same each time. */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { QuickFirst } from "./scripts/mutation/quick-first.ts";
import { endWarmPool, warmPool } from "./scripts/mutation/warm-pool.ts";

const conditions = ["@headgate/source", "node", "import", "default"];

const SMALL_FAST_CHECK = fileURLToPath(new URL("scripts/mutation/fast-check.ts", import.meta.url));

export default defineConfig({
  plugins: [
    {
      name: "warm-pool",
      // Stryker sets the pool's name, and its configuration knows only vitest's own.
      configureVitest: ({ vitest, project }) => {
        Object.assign(project.config, { pool: warmPool.name, poolRunner: warmPool });
        vitest.onClose(endWarmPool);
      },
    },
    {
      name: "small-fast-check",
      enforce: "pre",
      resolveId: (source, importer) =>
        source === "fast-check" && importer !== SMALL_FAST_CHECK ? SMALL_FAST_CHECK : undefined,
    },
  ],
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: [
      "packages/{contract,router,adapter-kit}/src/**/*.test.ts",
      "packages/resources/src/core/**/*.test.ts",
    ],
    // A bound in ms says nothing about instrumented code.
    exclude: ["**/node_modules/**", "**/dist/**", "**/*.speed.test.ts"],
    testTimeout: 60_000,
    // A mutant is mostly covered by several files; one worker for all of them takes half the time.
    isolate: false,
    sequence: { sequencer: QuickFirst },
  },
});
