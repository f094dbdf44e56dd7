/** The features that the matrix tries, and what is sent for them. */
export const FEATURES = [
  "text",
  "tools",
  "tool results",
  "images",
  "reasoning",
  "json schema",
  "citations",
] as const;
export type Feature = (typeof FEATURES)[number];

/** A real PNG of one pixel, so that strict upstreams take it. */
export const PIXEL =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
/** An answer with a source; the words before it are longer in bytes than in characters. */
export const CITED = {
  pieces: ["Grüße 🦆: ", "the gate", " is open."],
  text: "Grüße 🦆: the gate is open.",
  words: "the gate",
  start: 9,
  end: 17,
  url: "https://gates.example/open",
  title: "Gates",
} as const;
export const RESULT = "21 degrees in Graz";
