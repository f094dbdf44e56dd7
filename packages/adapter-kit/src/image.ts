/** Images as base64, where the client may have left the type out. */

/** How the base64 of each format's signature begins. */
const SIGNATURES: readonly (readonly [beginning: string, mediaType: string])[] = [
  ["/9j/", "image/jpeg"],
  ["iVBORw", "image/png"],
  ["R0lGOD", "image/gif"],
  ["UklGR", "image/webp"],
];

/** The media type by the signature of base64 image data; `undefined` for an unknown one. */
export const imageMediaType = (base64: string): string | undefined =>
  SIGNATURES.find(([beginning]) => base64.startsWith(beginning))?.[1];
