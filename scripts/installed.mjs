// Exits 0 when node_modules holds what package-lock.json lists, so that `make` installs only where it does not.
// Plain JavaScript without new syntax: it runs on any Node, before the pinned one is installed.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const directory = process.argv[2] || ".";

function read(file) {
  try {
    return JSON.parse(readFileSync(join(directory, file), "utf8")).packages || {};
  } catch {
    return undefined;
  }
}

/** Packages of other platforms are absent, and so are the packages that only they need. */
function agrees(wanted, present) {
  if (present === undefined)
    return wanted.optional === true || wanted.devOptional === true || wanted.peer === true;
  return (
    wanted.version === present.version &&
    wanted.integrity === present.integrity &&
    wanted.link === present.link
  );
}

const wanted = read("package-lock.json");
const present = read("node_modules/.package-lock.json");
const same =
  wanted !== undefined &&
  present !== undefined &&
  Object.keys(wanted)
    .filter((path) => path.indexOf("node_modules/") !== -1)
    .every((path) => agrees(wanted[path], present[path]));
process.exit(same ? 0 : 1);
