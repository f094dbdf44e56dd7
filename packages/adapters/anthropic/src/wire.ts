/** The codec's name; seals of this wire carry it. */
export const WIRE = "anthropic-messages";
