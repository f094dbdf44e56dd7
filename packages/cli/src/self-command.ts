/** The command that starts this program from the user's folder. It never fetches a package of the same name. */
import { existsSync, realpathSync } from "node:fs";
import { delimiter, dirname, isAbsolute, join, resolve } from "node:path";
import { ENTRY } from "./place.ts";

interface Where {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** `headgate` on the PATH, `npx headgate` in a folder that has it installed, else Node with the program's path. */
export function selfCommand({ cwd, env }: Where, entry = ENTRY): string {
  const folders = (env.PATH ?? "").split(delimiter).filter((folder) => isAbsolute(folder));
  // npx and npm put folders of their own before the PATH, which the user's shell does not have.
  const own = folders.filter((folder) => !/[\\/]node_modules[\\/]/.test(`${folder}/`));
  if (own.some((folder) => isProgram(join(folder, "headgate"), entry))) return "headgate";
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const bin = join(folder, "node_modules", ".bin", "headgate");
    // npx runs the nearest one; where that is another's, the path of this one is printed.
    if (existsSync(bin)) {
      if (isProgram(bin, entry)) return "npx headgate";
      break;
    }
    if (folder === dirname(folder)) break;
  }
  return `node -- ${quote(entry)}`;
}

function isProgram(path: string, entry: string): boolean {
  try {
    return realpathSync(path) === realpathSync(entry);
  } catch {
    return false;
  }
}

/** For a POSIX shell. */
export const quote = (text: string): string =>
  /^[A-Za-z0-9_./:@=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
