export { openBatches } from "./batches/batch-store.ts";
export { type OpenClients, openClients, openLiveClients } from "./clients/live.ts";
export * from "./open.ts";
export * from "./place.ts";
