/** HG33x: the fields of fragments about backends on this machine. */
import type { CodeEntry } from "./entry.ts";

const LOCAL = "providers/local/provider.yaml";

export const LOCAL_CODES = {
  HG330: {
    slug: "memory-missing",
    severity: "warning",
    title: "A local model without memory",
    why: "Its memory is unknown, so that loading it may evict others, or fail for lack of memory.",
    fix: "Add `memory` with its device and the bytes that one loaded copy takes.",
    example: { file: LOCAL, was: "\n    memory: { device: cpu, bytes: 570 MB }", shows: "" },
  },
  HG331: {
    slug: "memory-without-local",
    severity: "warning",
    title: "Memory on a provider without local",
    why: "No driver loads and unloads the model, so that its memory is not managed.",
    fix: "Add `local` with the backend's driver to the provider.",
    example: {
      file: LOCAL,
      was: "local: { driver: ollama, bring_up: { default: external, env: LOCAL_BRING_UP, health: /api/version } }\n",
      shows: "",
    },
  },
  HG332: {
    slug: "unknown-load-option",
    severity: "error",
    title: "A load option that the driver does not know",
    why: "It would change nothing, while two copies of the model would be counted where there is one.",
    fix: "Use one of the options that the driver knows, or delete it.",
    example: { file: LOCAL, was: "num_ctx: 8192", shows: "n_ctx: 8192" },
  },
  HG333: {
    slug: "slots-fixed",
    severity: "error",
    title: "Slots for a driver that has a fixed number",
    why: "The backend refuses more than its own bound, whatever this value is.",
    fix: "Delete `slots`.",
    example: { file: LOCAL, was: "{ driver: ollama,", shows: "{ driver: talkies, slots: 3," },
  },
  HG334: {
    slug: "local-far-away",
    severity: "error",
    title: "local on a provider that is not local",
    why: "Headgate starts, loads and unloads only what runs on its owner's hardware.",
    fix: "Write `tier: local`, or delete `local`.",
    example: {
      file: "providers/groq/provider.yaml",
      was: "tier: free",
      shows: "tier: free\nlocal: { driver: ollama }",
    },
  },
  HG335: {
    slug: "bring-up-undescribed",
    severity: "error",
    title: "A way of bringing a backend up that lacks what it needs",
    why: "It could not be started, and this would show only when it is tried.",
    fix: "Describe the way, or choose another one.",
    example: { file: LOCAL, was: "default: external", shows: "default: compose" },
  },
  HG336: {
    slug: "secret-for-program",
    severity: "error",
    title: "A secret that would be handed to a local program",
    why: "A program on this machine needs no provider's key, and what it logs or sends is not Headgate's to control.",
    fix: "Delete the variable from the list.",
    example: {
      file: LOCAL,
      was: "health: /api/version }",
      shows:
        "health: /api/version, process: { command: ollama, inherit: [LOCAL_API_KEY], install: install it } }",
    },
  },
  HG337: {
    slug: "context-fixed",
    severity: "error",
    title: "The cost of a context that cannot be chosen",
    why: "It is counted for a client's own `num_ctx`, and this model is never loaded with one.",
    fix: "Delete `context_token`, or the `num_ctx` of `options`.",
    example: {
      file: LOCAL,
      was: "memory: { device: cuda, bytes: 5 GB,",
      shows: "memory: { device: cuda, bytes: 5 GB, context_token: 128 KiB,",
    },
  },
  HG338: {
    slug: "load-option-value",
    severity: "error",
    title: "A load option with a value that no copy can be loaded with",
    why: "The backend would refuse every load of the model, or take another value than the one that is counted.",
    fix: "Write a value that the option can have, or delete it.",
    example: { file: LOCAL, was: "num_ctx: 8192", shows: "num_ctx: true" },
  },
} as const satisfies Record<string, CodeEntry>;
