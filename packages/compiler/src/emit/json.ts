/**
 * JSON as one would write it by hand: what fits on a line is on one, so that a changed fact is a changed line.
 * Keys keep the order they were given in.
 */
const MAX_COLUMNS = 110;

/** JSON text without a final newline. `undefined` members are left out, as JSON.stringify does. */
export function formatJson(value: unknown): string {
  return format(value, 0, 0);
}

/** @param taken columns before the value on its line, and the comma after it. */
function format(value: unknown, depth: number, taken: number): string {
  const flat = flatten(value);
  if (flat.length + taken <= MAX_COLUMNS || typeof value !== "object" || value === null) return flat;
  const inner = "  ".repeat(depth + 1);
  const outer = "  ".repeat(depth);
  if (Array.isArray(value)) {
    const items = value.map((item) => inner + format(item, depth + 1, inner.length + 1));
    return `[\n${items.join(",\n")}\n${outer}]`;
  }
  const members = membersOf(value).map(([key, member]) => {
    const lead = `${inner}${JSON.stringify(key)}: `;
    return lead + format(member, depth + 1, lead.length + 1);
  });
  return `{\n${members.join(",\n")}\n${outer}}`;
}

function flatten(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(flatten).join(", ")}]`;
  const members = membersOf(value).map(([key, member]) => `${JSON.stringify(key)}: ${flatten(member)}`);
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}

const membersOf = (value: object): [string, unknown][] =>
  Object.entries(value).filter(([, member]) => member !== undefined);
