/** Changes to files that people have written: one block changes, and every other line stays. */

export { insertChain } from "./chains.ts";
export { changeModels, type FieldChanges } from "./change.ts";
export { scalarText } from "./entry.ts";
export { type Pruned, pruneFallbacks } from "./fallbacks.ts";
export { editModels } from "./models.ts";
export { changeOverlayModels, type OverlayModels, setJson, setModelOff } from "./overlay.ts";
export { retireModels } from "./retired.ts";
