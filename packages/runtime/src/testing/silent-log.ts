import type { Log } from "../log.ts";

const silent = (): void => {};

export const SILENT_LOG: Log = {
  error: silent,
  warn: silent,
  info: silent,
  debug: silent,
  debugs: false,
  recent: [],
};
