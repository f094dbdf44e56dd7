/** Maps that keep the list, and each message in it, where nothing changes: an unchanged request is recognised by identity. */

/** @returns the same list where `change` returns each item as it is; undefined leaves an item out */
export function mapChanged<T>(
  items: readonly T[],
  change: (item: T, index: number) => T | readonly T[] | undefined,
): readonly T[] {
  let kept: T[] | undefined;
  for (const [index, item] of items.entries()) {
    const next = change(item, index);
    if (next === item) kept?.push(item);
    else {
      kept ??= items.slice(0, index);
      if (Array.isArray(next)) kept.push(...(next as readonly T[]));
      else if (next !== undefined) kept.push(next as T);
    }
  }
  return kept ?? items;
}
