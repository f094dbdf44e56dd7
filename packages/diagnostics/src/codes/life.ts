/** HG35x and HG36x: the life of a model, and its price. */
import type { CodeEntry } from "./entry.ts";

const GROQ = "providers/groq/provider.yaml";
const DEMO = "providers/demo/provider.yaml";
const CAPABLE = "    max_output_tokens: 32768\n";
const GONE = "date: 2026-11-20, source: its list";

export const LIFE_CODES = {
  HG350: {
    slug: "unknown-successor",
    severity: "error",
    title: "What replaces a model does not exist",
    why: "Requests for the old name would find nothing.",
    fix: "Correct the alias after `replaced_by`.",
    example: {
      file: GROQ,
      was: CAPABLE,
      shows: `${CAPABLE}    deprecated: { ${GONE}, replaced_by: cerebras-lama }\n`,
    },
  },
  HG351: {
    slug: "other-successor",
    severity: "error",
    title: "What replaces a model does something else",
    why: "A request for the old name could not be answered, or with vectors that cannot be compared.",
    fix: "Name a model of the same operation and vector space.",
    example: {
      file: GROQ,
      was: CAPABLE,
      shows: `${CAPABLE}    deprecated: { ${GONE}, replaced_by: local-bge }\n`,
    },
  },
  HG352: {
    slug: "successors-in-circle",
    severity: "error",
    title: "Models replace each other in a circle",
    why: "Nothing would answer in their place.",
    fix: "Name a model that is still served.",
    example: {
      file: GROQ,
      was: CAPABLE,
      shows: `${CAPABLE}    deprecated: { ${GONE}, replaced_by: groq-llama }\n`,
    },
  },
  HG353: {
    slug: "no-replacement",
    severity: "error",
    title: "A retired model that nothing replaces",
    why: "Clients that send its name would get an error from one day to the next.",
    fix: "Add `replaced_by` with the alias that is nearest to it.",
    example: {
      file: DEMO,
      was: "operation: chat,",
      shows: `operation: chat, retired: { ${GONE} },`,
    },
  },
  HG354: {
    slug: "no-replacement-of-your-own",
    severity: "warning",
    title: "A retired model of the overlay that nothing replaces",
    why: "Clients that send its name reach a model that may be gone.",
    fix: "Add `replaced_by` with the alias that is nearest to it.",
    example: { prose: "`retired` without `replaced_by` in a file of `overlay/`." },
  },
  HG355: {
    slug: "not-retired",
    severity: "error",
    title: "A model among the retired ones that is still served",
    why: "A reader looks for what is served in provider.yaml, and here for since when it is not.",
    fix: "Add `retired` (or `deprecated`) with `date`, `source` and `replaced_by`, or move it to provider.yaml.",
    example: { prose: "A model in `providers/<id>/retired.yaml` without `retired` and `deprecated`." },
  },
  HG356: {
    slug: "names-retired",
    severity: "warning",
    title: "A chain or a group names a retired model",
    why: "The compiler leaves it out, so that the list is shorter than it looks.",
    fix: "Write what replaces it, or delete it.",
    example: { prose: "An alias of `providers/<id>/retired.yaml` in fallbacks.json or groups.json." },
  },
  HG360: {
    slug: "price-missing",
    severity: "warning",
    title: "A paid model without a price",
    why: "What it costs is not counted, and a spend limit leaves it out.",
    fix: "Add `price` with `date` and `source`, or `price_unknown` with the reason.",
    example: { file: GROQ, was: "  - alias: groq-llama\n", shows: "  - tier: paid\n    alias: groq-llama\n" },
  },
  HG361: {
    slug: "price-at-odds",
    severity: "error",
    title: "A price beside the reason why there is none",
    why: "One of them is not true.",
    fix: "Delete one of them.",
    example: {
      file: GROQ,
      was: CAPABLE,
      shows: `${CAPABLE}    price: { input: 1, output: 2, ${GONE} }\n    price_unknown: its page is empty\n`,
    },
  },
  HG362: {
    slug: "implausible-price",
    severity: "warning",
    title: "A price that nothing has",
    why: "A figure in cents, or for a thousand tokens, makes the cheapest model the dearest, or the other way round.",
    fix: "Write dollars for a million tokens.",
    example: {
      file: GROQ,
      was: CAPABLE,
      shows: `${CAPABLE}    price: { input: 300, output: 1500, ${GONE} }\n`,
    },
  },
} as const satisfies Record<string, CodeEntry>;
