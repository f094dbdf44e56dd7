/** A SQLite file of Headgate's, for other packages: opened with the same checks as the router's memory. */
export { StoreSettingError } from "../failures.ts";
export { transaction } from "./node-sqlite.ts";
export { openDatabase } from "./open.ts";
export type { FileKind } from "./schema.ts";
