import type { RequestRow } from "../../data/types.ts";
import type { Tone } from "../../ui/parts.tsx";

export const OUTCOME_TONES: Readonly<Record<RequestRow["outcome"], Tone>> = {
  answered: "good",
  broken: "bad",
  aborted: "off",
  refused: "bad",
};
