/**
 * Refusals that are about the form of a conversation and not about its content: another provider may take it as it is. The
 * words are those with which providers refuse fields, roles, orders, ids and kinds of parts.
 */
const SHAPES: readonly RegExp[] = [
  /\bunknown (?:field|variant|name|parameter|argument|role)\b/i,
  /\bunrecogni[sz]ed (?:field|request argument|key)/i,
  /\bextra (?:inputs?|fields?) (?:are|is) not (?:permitted|allowed)\b|\bextra_forbidden\b/i,
  /\bproperty '[^']{1,80}' is unsupported\b|\bunsupported (?:parameter|field|content)\b/i,
  /\binvalid type: (?:sequence|map|null)\b|\bexpected (?:a string|one of \[str\])/i,
  /\broles? must alternate\b|\bunexpected role\b|\bexpected last role\b|\bsystem message must be\b/i,
  /\btool[ _]?call[ _]?ids?\b|\bnot the same number of function calls\b/i,
  /\bthought_signature\b|\breasoning_content\b|\binvalid signature in thinking\b/i,
];

/** @param message of a 400 or 422, as the upstream worded it */
export const refusesShape = (message: string): boolean => SHAPES.some((shape) => shape.test(message));

/** Refusals of what a model sealed: reasoning that another account, model or server made, which looks like its own. */
const SEALS: readonly RegExp[] = [
  /\binvalid\b.{0,20}\bsignature\b|\bsignatures? (?:is|are)? ?(?:not valid|invalid)\b|\bcorrupted thought signature\b/i,
  /\bencrypted content could not be (?:verified|decrypted)\b|\binvalid_encrypted_content\b/i,
  /\binvalid `?data`? in `?redacted_thinking\b/i,
  /\breasoning_details\b.{0,60}\bnot as they were sent\b/i,
];

/** @param message of a 400, as the upstream worded it */
export const refusesSeal = (message: string): boolean => SEALS.some((seal) => seal.test(message));
