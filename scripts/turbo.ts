/**
 * turbo with what this repository always gives it.
 * Usage: node scripts/turbo.ts TASK… [flags of turbo run]
 */
import { join } from "node:path";
import { runTurbo } from "./turbo/run.ts";

process.exitCode = await runTurbo(join(import.meta.dirname, ".."), process.argv.slice(2));
