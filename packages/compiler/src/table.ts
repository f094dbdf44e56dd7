/** From a folder and an .env to a routing table, with nothing loaded that an unchanged catalogue does not need. */
export { emitActive } from "./emit/active.ts";
export { compileKept, type Kept } from "./kept.ts";
export { oddLines } from "./resolve/env-text.ts";
export { resolveEnvironment } from "./resolve/index.ts";
