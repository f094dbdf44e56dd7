/** Finds where a package reaches out of its folder by a path, which turbo cannot know unless it is declared. */
import { posix } from "node:path";

/**
 * @param file relative to the root, with forward slashes, as is `dir`, the package's folder
 * @returns what the file's string literals that begin with `..` name outside the package, relative to the root.
 * `"..", ".."` as arguments count as one path. Such a literal is taken to be relative to the file.
 */
export function outsidePaths(file: string, text: string, dir: string): string[] {
  const joined = text.replaceAll(/(?<=")\.\.",\s*"(?=[^"\n]*")/g, "../");
  const found = [...joined.matchAll(/["'`](\.\.\/[^"'`\n$]*|\.\.)["'`$]/g)]
    .map(([, path = ""]) => posix.join(posix.dirname(file), path).replace(/\/$/, ""))
    .filter((path) => path !== dir && !path.startsWith(`${dir}/`));
  return [...new Set(found)];
}
