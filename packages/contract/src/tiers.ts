import type { Operation, Tier } from "./fragment.ts";

const TEXT_ORDER: readonly Tier[] = ["free", "subscription", "paid", "local"];
/** Images and speech: a local model is free and good enough, so it is tried before paid ones. */
const MEDIA_ORDER: readonly Tier[] = ["free", "subscription", "local", "paid"];

/** The tier policy: in which order the tiers of an operation are tried. */
export const TIER_ORDER: Readonly<Record<Operation, readonly Tier[]>> = {
  chat: TEXT_ORDER,
  embedding: TEXT_ORDER,
  rerank: TEXT_ORDER,
  moderation: TEXT_ORDER,
  image: MEDIA_ORDER,
  speech: MEDIA_ORDER,
  transcription: MEDIA_ORDER,
};

/** A tier's position in its operation's order; smaller is tried earlier. */
export const tierRank = (operation: Operation, tier: Tier): number => TIER_ORDER[operation].indexOf(tier);
