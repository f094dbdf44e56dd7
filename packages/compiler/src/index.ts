export { type Compilation, compile, type Installation } from "./compile.ts";
export { dialectsDoc, emitActive, emitCatalog } from "./emit/index.ts";
export type { InstalledAdapter } from "./load/adapters.ts";
export { type OddLine, oddLines } from "./resolve/env-text.ts";
export { type ResolvedEnvironment, resolveEnvironment } from "./resolve/index.ts";
