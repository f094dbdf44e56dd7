/** What `make mutate` runs for each mutant: the tests of the rooms that it mutates, small, and the same each time. */
import { defineConfig } from "vitest/config";

const conditions = ["@headgate/source", "node", "import", "default"];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: [
      "packages/{contract,router,adapter-kit}/src/**/*.test.ts",
      "packages/resources/src/core/**/*.test.ts",
    ],
    // A bound in ms says nothing about instrumented code.
    exclude: ["**/node_modules/**", "**/dist/**", "**/*.speed.test.ts"],
    isolate: false,
    setupFiles: ["scripts/mutation/setup.ts"],
    // Thousands of random histories take seconds, and most faults show in the first few.
    env: { HEADGATE_VRAM_HISTORIES: "100" },
  },
});
