/** The parts that need no code or renderer, for programs that start often and seldom find anything. */
export { LineIndex } from "./lines.ts";
export { printable } from "./printable.ts";
export { findSecrets } from "./secrets.ts";
