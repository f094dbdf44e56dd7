type Variables = Readonly<Record<string, string | undefined>>;

/**
 * Colour only for a terminal, by default: `--no-color` and NO_COLOR (https://no-color.org) switch it off,
 * FORCE_COLOR on. The command line overrides variables.
 */
export function wantsColour(env: Variables, isTerminal: boolean, allowed: boolean): boolean {
  if (!allowed) return false;
  if (env.NO_COLOR !== undefined && env.NO_COLOR !== "") return false;
  if (env.FORCE_COLOR !== undefined && env.FORCE_COLOR !== "") return env.FORCE_COLOR !== "0";
  return isTerminal && env.TERM !== "dumb";
}
