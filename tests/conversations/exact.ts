/** JSON with integers of any length: read with their digits, compared by them, written back as they were. */
import { parseExact } from "@headgate/upstream-lab";

export { parseExact };

/** What the type library does not know yet. */
const json = JSON as unknown as { isRawJSON(value: unknown): boolean };

/** The same text for equal values, whatever the order of keys; digits count. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null || json.isRawJSON(value))
    return JSON.stringify(value) ?? "";
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, child]) => `${JSON.stringify(key)}:${canonical(child)}`).join(",")}}`;
}

/** Arguments as comparable text: JSON without regard to spaces and order, anything else as it is. */
export function comparable(text: string): string {
  try {
    return canonical(parseExact(text === "" ? "{}" : text));
  } catch {
    return text;
  }
}
