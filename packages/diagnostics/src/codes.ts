/** The one catalogue of codes. A code is never given another meaning; `docs/diagnostics.md` is generated from it. */
import { CHAIN_CODES } from "./codes/chains.ts";
import type { CodeEntry } from "./codes/entry.ts";
import { ENVIRONMENT_CODES } from "./codes/environment.ts";
import { FILE_CODES } from "./codes/files.ts";
import { LINK_CODES, SCHEMA_CODES, SLIP_CODES } from "./codes/fragment.ts";
import { LIFE_CODES } from "./codes/life.ts";
import { LOCAL_CODES } from "./codes/local.ts";
import { OVERLAY_CODES } from "./codes/overlay.ts";
import { PROOF_CODES } from "./codes/proof.ts";

export const CODES = {
  ...FILE_CODES,
  ...SCHEMA_CODES,
  ...LINK_CODES,
  ...LOCAL_CODES,
  ...SLIP_CODES,
  ...LIFE_CODES,
  ...PROOF_CODES,
  ...CHAIN_CODES,
  ...ENVIRONMENT_CODES,
  ...OVERLAY_CODES,
} as const satisfies Record<string, CodeEntry>;

export type Code = keyof typeof CODES;

export const entryOf = (code: Code): CodeEntry => CODES[code];
