/** The store cannot be reached, or not in time. The caller counts for itself and tries again with the next request. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
}

/** The store cannot be used as configured. The message names the setting and what to change. */
export class StoreSettingError extends Error {
  override readonly name = "StoreSettingError";
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
