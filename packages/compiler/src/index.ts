export { type Compilation, compile, type Installation } from "./compile.ts";
export { dialectsDoc, emitCatalog } from "./emit/index.ts";
export type { InstalledAdapter } from "./load/adapters.ts";
export { resolveEnvironment } from "./resolve/index.ts";
