export * from "./clock.ts";
export * from "./failures.ts";
export * from "./memory-store.ts";
export * from "./redis/store.ts";
export * from "./sqlite/store.ts";
