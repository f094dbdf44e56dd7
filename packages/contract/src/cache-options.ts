/** The options of the cache, beside the others in options.ts. */
export const CACHE_OPTIONS = {
  cache: {
    env: "HEADGATE_CACHE",
    kind: "choice",
    choices: ["off", "memory", "sqlite", "redis"],
    default: "off",
    description:
      "Answers that equal requests get again without a call: embeddings, and chats at temperature 0 or where it is asked for (docs/cache.md). memory: in this process; sqlite: a file in the state directory; redis: at HEADGATE_REDIS_URL. On disk and in Redis they are encrypted with HEADGATE_SECRET or with the secret in the user's configuration folder.",
  },
  cacheTtlMs: {
    env: "HEADGATE_CACHE_TTL_MS",
    kind: "duration-ms",
    default: "604800000",
    description: "How long an answer is given again, where neither its name nor its client states a period.",
  },
  cacheMaxBytes: {
    env: "HEADGATE_CACHE_MAX_BYTES",
    kind: "bytes",
    default: "268435456",
    description: "Total size of cached answers; beyond it the least recently read are deleted.",
  },
} as const;
