/** Floors inside a package: a file imports from its own room and from lower floors. */
import { posix } from "node:path";
import { FLOORS, UNSHIPPED_FILE } from "./rules.ts";

export interface Climb {
  readonly message: string;
  readonly fix: string;
}

/** @returns undefined for an import that floors allow, and for files without floors; tests may import any floor */
export function climbOf(path: string, specifier: string): Climb | undefined {
  const house = FLOORS.find(({ dir }) => path.startsWith(`${dir}/`));
  const target = posix.join(posix.dirname(path), specifier);
  if (house === undefined || UNSHIPPED_FILE.test(path) || !target.startsWith(`${house.dir}/`))
    return undefined;
  const { dir, floors } = house;
  const [from, to] = [path, target].map((file) => roomOf(file.slice(dir.length + 1), floors));
  if (from === undefined || to === undefined) {
    const file = from === undefined ? path : target;
    return { message: `${file} is in no room of ${dir}`, fix: "put it into a room, or add one to FLOORS" };
  }
  if (from.name === to.name || from.floor < to.floor) return undefined;
  return {
    message: `${from.name} may not import ${to.name}, which is not on a lower floor`,
    fix: "declare the interface that the file needs, or move what both share to a lower floor",
  };
}

interface Room {
  readonly name: string;
  /** 0 is the highest. */
  readonly floor: number;
}

/** The innermost room of a file. */
function roomOf(file: string, floors: readonly (readonly string[])[]): Room | undefined {
  const rooms = floors.flatMap((names, floor) => names.map((name): Room => ({ name, floor })));
  return rooms
    .filter(({ name }) => file === name || file.startsWith(`${name}/`))
    .sort((a, b) => b.name.length - a.name.length)[0];
}
