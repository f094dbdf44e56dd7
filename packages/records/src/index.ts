export * from "./open.ts";
export * from "./place.ts";
