/** What Docker Compose needs of .env. Its own reader takes `$` for a variable, and other quotes and comments than Headgate's. */
import { type Catalog, readFlag } from "@headgate/contract";

type Variables = Readonly<Record<string, string>>;

/**
 * The variables as lines that Compose reads as these values. Single quotes keep everything but themselves; in double
 * quotes a backslash keeps what follows it.
 */
export const composeEnv = (variables: Variables): string =>
  Object.entries(variables)
    .map(([name, value]) => `${name}=${quoted(value)}\n`)
    .join("");

function quoted(value: string): string {
  if (/^[A-Za-z0-9_./:@%+,=-]*$/.test(value)) return value;
  if (!/['\r\n]/.test(value)) return `'${value}'`;
  const escaped = value
    .replace(/[\\"$]/g, "\\$&")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r");
  return `"${escaped}"`;
}

/** The gateway's container sees no GPU, so that a backend on one needs a budget that a person declares. */
export function lacksBudget(
  { providers }: Catalog,
  profiles: readonly string[],
  budget: string | undefined,
): boolean {
  if (budget !== undefined && budget.trim() !== "") return false;
  return providers.some(
    ({ id, models }) => profiles.includes(id) && models.some(({ memory }) => memory?.device === "cuda"),
  );
}

/** The profiles of the local backends that are switched on. */
export const composeProfiles = ({ providers }: Catalog, variables: Variables): string[] =>
  providers.flatMap(({ id, flag, local }) =>
    local?.bringUp?.compose !== undefined && readFlag(variables[flag]?.trim()) === true ? [id] : [],
  );
