/** The codec's name, also in Gemini's seals. */
export const WIRE = "gemini";
