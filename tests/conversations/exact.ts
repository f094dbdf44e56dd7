/** JSON with integers of any length: read with their digits, compared by them, written back as they were. */
const json = JSON as unknown as {
  rawJSON(text: string): unknown;
  isRawJSON(value: unknown): boolean;
  parse(text: string, revive: (key: string, value: unknown, at: { source?: string }) => unknown): unknown;
};

/** Integers beyond 2^53 become raw JSON. */
export const parseExact = (text: string): unknown =>
  json.parse(text, (_, value, { source }) =>
    typeof value === "number" &&
    source !== undefined &&
    Number.isInteger(value) &&
    !Number.isSafeInteger(value)
      ? json.rawJSON(source)
      : value,
  );

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
