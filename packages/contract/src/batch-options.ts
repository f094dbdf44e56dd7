/** The options of batches, beside the others in options.ts. */
export const BATCH_OPTIONS = {
  batches: {
    env: "HEADGATE_BATCHES",
    kind: "choice",
    choices: ["on", "off"],
    default: "on",
    description:
      "Batches and their files (/v1/batches, /v1/files, /v1/messages/batches, headgate batch): docs/batches.md. They are kept with the usage records, encrypted with HEADGATE_SECRET or with the secret in the user's configuration folder.",
  },
  batchConcurrency: {
    env: "HEADGATE_BATCH_CONCURRENCY",
    kind: "count",
    default: "8",
    description: "Largest number of a batch's requests that one process has on their way, 1 to 64.",
  },
  batchFileBytes: {
    env: "HEADGATE_BATCH_FILE_BYTES",
    kind: "bytes",
    default: "209715200",
    description: "Largest file of a batch.",
  },
  batchMaxBytes: {
    env: "HEADGATE_BATCH_MAX_BYTES",
    kind: "bytes",
    default: "2147483648",
    description: "Total size of all files and batches; beyond it new ones are refused.",
  },
  batchKeepDays: {
    env: "HEADGATE_BATCH_KEEP_DAYS",
    kind: "days",
    default: "30",
    description: "Age in days at which files and batches are deleted.",
  },
} as const;
