export { type Compilation, compile, type Installation } from "./compile.ts";
export { type Pruned, pruneFallbacks } from "./edit/fallbacks.ts";
export { editModels } from "./edit/models.ts";
export { emitActive, emitCatalog } from "./emit/index.ts";
export type { InstalledAdapter } from "./load/adapters.ts";
export { type ResolvedEnvironment, resolveEnvironment } from "./resolve/index.ts";
