/**
 * One environment out of two: the .env file and the shell.
 *
 * For flags, keys and base URLs the file wins: a stale variable of an old session must not override what the
 * operator wrote. For `HEADGATE_*` options the shell wins, as people expect of a command line. An empty value
 * counts as absent in both.
 */
export interface Environment {
  readonly values: Readonly<Record<string, string>>;
  /** Variables that both set, differently. Values are left out: they may be secrets. */
  readonly conflicts: readonly EnvironmentConflict[];
}

export interface EnvironmentConflict {
  readonly name: string;
  readonly winner: "file" | "shell";
}

type Variables = Readonly<Record<string, string | undefined>>;

const isOption = (name: string): boolean => name.startsWith("HEADGATE_");

/**
 * @param relevant limits what is taken from the shell, so that nothing else of it leaks in; absent: everything.
 * @param keys from a keys file or sealed ones: they win over both
 */
export function mergeEnvironment(
  file: Variables,
  shell: Variables,
  relevant?: (name: string) => boolean,
  keys: Variables = {},
): Environment {
  const values: Record<string, string> = Object.create(null);
  const conflicts: EnvironmentConflict[] = [];
  const present = (value: string | undefined): value is string => value !== undefined && value.trim() !== "";
  for (const [name, value] of Object.entries(shell)) {
    if (present(value) && (relevant === undefined || relevant(name))) values[name] = value.trim();
  }
  for (const [name, raw] of Object.entries(file)) {
    if (!present(raw)) continue;
    const value = raw.trim();
    const other = values[name];
    if (other === undefined) {
      values[name] = value;
    } else if (other !== value) {
      const winner = isOption(name) ? "shell" : "file";
      conflicts.push({ name, winner });
      if (winner === "file") values[name] = value;
    }
  }
  for (const [name, value] of Object.entries(keys)) if (present(value)) values[name] = value.trim();
  conflicts.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { values, conflicts };
}

const ON = new Set(["1", "true", "yes", "on"]);
const OFF = new Set(["0", "false", "no", "off"]);

/** A flag's meaning; `undefined` when the value is neither. Absent means off. */
export function readFlag(value: string | undefined): boolean | undefined {
  if (value === undefined || value === "") return false;
  const word = value.toLowerCase();
  if (ON.has(word)) return true;
  return OFF.has(word) ? false : undefined;
}

/** The variable that names the account of a key: `GROQ_API_KEY_2_ACCOUNT`. */
export const accountVariable = (keyVariable: string): string => `${keyVariable}_ACCOUNT`;

/** The variable of a key that a name belongs to: its own, or the one whose account it names. */
export const keyOfVariable = (name: string): string => name.replace(/_ACCOUNT$/, "");

/**
 * For each key, the position of the first key of the same account.
 * @returns undefined where no two keys name the same account
 */
export function accountsOf(
  keyVars: readonly string[],
  values: Readonly<Record<string, string>>,
): readonly number[] | undefined {
  const firsts = new Map<string, number>();
  const accounts = keyVars.map((name, position) => {
    const account = values[accountVariable(name)];
    if (account === undefined) return position;
    const first = firsts.get(account) ?? position;
    firsts.set(account, first);
    return first;
  });
  return accounts.some((first, position) => first !== position) ? accounts : undefined;
}

/** The variables that hold keys, in order: `GROQ_API_KEY`, then `GROQ_API_KEY_2`, `_3`, … with gaps allowed. */
export function keyVariables(base: string, values: Readonly<Record<string, string>>): string[] {
  const numbered = Object.keys(values)
    .filter((name) => name.startsWith(`${base}_`) && /^[1-9][0-9]?$/.test(name.slice(base.length + 1)))
    .sort((a, b) => Number(a.slice(base.length + 1)) - Number(b.slice(base.length + 1)));
  return values[base] === undefined ? numbered : [base, ...numbered];
}
