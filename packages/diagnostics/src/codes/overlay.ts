/** HG6xx: the user's own files over the catalogue. */
import type { CodeEntry } from "./entry.ts";

export const OVERLAY_CODES = {
  HG601: {
    slug: "overlay-target",
    severity: "error",
    title: "An overlay changes what the catalogue does not have",
    why: "The change would be lost in silence, and what it was meant for would stay as it is.",
    fix: "Correct the name. What is new is added: a list's items under `append:`, a provider with all its keys.",
    example: {
      file: "overlay/providers/groq/provider.yaml",
      was: "*",
      shows: "models: { groq-lama: { context_tokens: 8192 } }",
    },
  },
  HG602: {
    slug: "overlay-change",
    severity: "error",
    title: "An overlay changes a list in a way that lists have not",
    why: "A list is replaced by a list, or gets items by `append:`; only models are changed one by one, by their alias.",
    fix: "Write the whole list, or `append:` with a list of what is added.",
    example: {
      file: "overlay/providers/groq/provider.yaml",
      was: "*",
      shows: "limits: { append: many }",
    },
  },
  HG603: {
    slug: "overlay-client",
    severity: "error",
    title: "A rule of a client that cannot be read",
    why: "A bound that is not understood would bound nothing.",
    fix: "Write it as `headgate clients add --help` shows.",
    example: { file: "overlay/clients.yaml", was: "*", shows: "clients: { cline: { spend: 2usd/dya } }" },
  },
  HG604: {
    slug: "overlay-warm",
    severity: "error",
    title: "A model that is to be kept warm is no local one",
    why: "Nothing would be loaded for it.",
    fix: "Write the alias of a local model.",
    example: { file: "overlay/local.yaml", was: "*", shows: "warm: [local-lama]" },
  },
} as const satisfies Record<string, CodeEntry>;
