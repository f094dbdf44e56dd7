export { createGateway, type Gateway, type GatewayInput } from "./gateway.ts";
export { createLog, type Log, type LogFields } from "./log.ts";
export type { MetricsSnapshot } from "./ops/exposition.ts";
