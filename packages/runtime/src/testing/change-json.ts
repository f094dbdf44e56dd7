/** Changes of one place in a JSON value, for tests that try them all. */
type Path = readonly (string | number)[];

/** The paths of all values inside `value`; the value itself is not among them. */
export const pathsOf = (value: unknown): Path[] => allPathsOf(value).filter((path) => path.length > 0);

const allPathsOf = (value: unknown): Path[] =>
  typeof value !== "object" || value === null
    ? [[]]
    : [
        [],
        ...Object.entries(value).flatMap(([key, inner]) => allPathsOf(inner).map((path) => [key, ...path])),
      ];

/** A copy of `value` with another value at `path`. */
export function replaced(value: unknown, [key, ...rest]: Path, by: unknown): unknown {
  if (key === undefined) return by;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as object) }) as Record<
    string | number,
    unknown
  >;
  copy[key] = replaced(copy[key], rest, by);
  return copy;
}
