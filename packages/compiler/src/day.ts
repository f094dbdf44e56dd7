const LATEST_ZONE_MS = 14 * 3_600_000;

/** Today where it is latest on earth, ISO 8601: no source was read after it. */
export const latestDay = (): string => new Date(Date.now() + LATEST_ZONE_MS).toISOString().slice(0, 10);
