/**
 * Seals that a twin adds to reasoning and wants back unchanged: a text that names its owner and what was sealed, so
 * that a check needs no memory. Real ones are opaque, and so these look.
 */
export type SealFault = "foreign" | "changed";

const PREFIX = "twin";

/** FNV-1a over the UTF-16 units: not secret, only sensitive to every change. */
function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(16).padStart(8, "0");
}

/** @param owner who alone can read the seal, such as `anthropic/claude-sonnet-4-6` */
export const seal = (owner: string, content: string): string =>
  Buffer.from(`${PREFIX}|${owner}|${digest(content)}`).toString("base64");

/** @returns `undefined` for the owner's seal over this very content. */
export function sealFault(value: string, owner: string, content: string): SealFault | undefined {
  const [prefix, sealedBy, hash] = Buffer.from(value, "base64").toString("utf8").split("|");
  if (prefix !== PREFIX || sealedBy !== owner) return "foreign";
  return hash === digest(content) ? undefined : "changed";
}

/** A member's text independent of the order of its keys and of how its numbers were written. */
export function stable(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stable).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "";
  const raw = (value as { rawJSON?: unknown }).rawJSON;
  if (typeof raw === "string") return JSON.stringify(Number(raw));
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, child]) => `${JSON.stringify(key)}:${stable(child)}`).join(",")}}`;
}
