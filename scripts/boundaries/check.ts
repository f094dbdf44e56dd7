/** The boundaries check as a pure function over files and manifests. */
import { builtinModules } from "node:module";
import { posix } from "node:path";
import { findCircles, type ImportGraph } from "./circles.ts";
import { climbOf } from "./floors.ts";
import { type ImportSite, parseImports } from "./parse.ts";
import {
  IMPURE,
  KNOWN_CIRCLES,
  PURE_BUILTINS,
  RESTRICTED,
  ROOMS,
  type Room,
  type RoomId,
  TEST_FILE,
  UNSHIPPED_FILE,
} from "./rules.ts";

export interface SourceText {
  /** Relative to the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export interface Manifest {
  readonly name?: string;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export interface Violation {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly rule: string;
  readonly message: string;
  readonly fix: string;
}

/** A finding before it has a place. */
interface Finding {
  readonly rule: string;
  readonly message: string;
  readonly fix: string;
}

interface Place {
  readonly id: RoomId;
  readonly room: Room;
  /** The folder of the package itself, such as `packages/adapters/demo`. */
  readonly dir: string;
}

/** The condition under which a package's exports name its TypeScript. */
const SOURCE = "@headgate/source";

const ENTRIES = Object.entries(ROOMS) as [RoomId, Room][];

/** The room that a path lies in; the longest folder wins. */
export function placeOf(path: string): Place | undefined {
  let best: Place | undefined;
  for (const [id, room] of ENTRIES) {
    const base = room.dir.replace(/\/\*$/, "");
    if (!path.startsWith(`${base}/`)) continue;
    const dir = base === room.dir ? base : path.split("/", base.split("/").length + 1).join("/");
    if (best === undefined || dir.length > best.dir.length) best = { id, room, dir };
  }
  return best;
}

/**
 * @param manifests package.json of each package by its folder; the root's under `""`.
 * @param knownCircles import circles that are tolerated for now, each as `describeCircle` prints it
 * @returns every forbidden import in the order of files and lines, then every import circle.
 */
export function findViolations(
  files: readonly SourceText[],
  manifests: ReadonlyMap<string, Manifest>,
  knownCircles: readonly string[] = KNOWN_CIRCLES,
): Violation[] {
  const folderOf = new Map<string, string>();
  for (const [dir, { name }] of manifests) if (name !== undefined && dir !== "") folderOf.set(name, dir);
  const watched = new Set(IMPURE.keys());
  const violations: Violation[] = [];
  const paths = new Set(files.map(({ path }) => path));
  const graph = new Map<string, readonly string[]>();

  for (const { path, text } of files) {
    const report = (finding: Finding, offset: number): void => {
      const before = text.slice(0, offset);
      const line = before.split("\n").length;
      violations.push({ file: path, line, column: offset - before.lastIndexOf("\n"), ...finding });
    };
    const place = placeOf(path);
    if (place === undefined) {
      if (path.includes("/")) {
        report(
          {
            rule: "unknown-room",
            message: `${path} lies in no room`,
            fix: "add the package to ROOMS in scripts/boundaries/rules.ts, with what it may import",
          },
          0,
        );
      }
      continue;
    }
    const parsed = parseImports(path, text, watched);
    if (parsed.syntaxError !== undefined) {
      report({ rule: "syntax", message: parsed.syntaxError, fix: "make the file parse" }, 0);
      continue;
    }
    const context = { path, place, isTest: TEST_FILE.test(path), manifests, folderOf };
    graph.set(
      path,
      parsed.imports.flatMap((site) => fileOf(site, context) ?? []).filter((target) => paths.has(target)),
    );
    for (const site of parsed.imports) {
      const finding = judgeImport(site, context);
      if (finding !== undefined) report(finding, site.offset);
    }
    if (place.room.pure !== true || context.isTest) continue;
    for (const { name, offset } of parsed.globals) {
      report(
        { rule: "pure", message: `${place.id} is pure and may not use ${name}`, fix: IMPURE.get(name) ?? "" },
        offset,
      );
    }
  }
  return [...violations, ...judgeCircles(graph, knownCircles)];
}

/** `a.ts → b.ts → a.ts` */
export const describeCircle = (circle: readonly string[]): string => [...circle, circle[0]].join(" → ");

function judgeCircles(graph: ImportGraph, known: readonly string[]): Violation[] {
  const found = findCircles(graph).map((circle) => ({ file: circle[0] ?? "", text: describeCircle(circle) }));
  const at = { line: 1, column: 1, rule: "circle" };
  const fresh = found.filter(({ text }) => !known.includes(text));
  const gone = known.filter((text) => !found.some((circle) => circle.text === text));
  return [
    ...fresh.map(({ file, text }) => ({
      ...at,
      file,
      message: `these files import each other: ${text}`,
      fix: "move what two of them share, often a type, into the file that uses nothing of the other",
    })),
    ...gone.map((text) => ({
      ...at,
      file: "scripts/boundaries/rules.ts",
      message: `KNOWN_CIRCLES lists a circle that does not exist: ${text}`,
      fix: "delete its line",
    })),
  ];
}

/** The file of the repository that an import reaches; nothing for third-party packages and computed names. */
function fileOf({ specifier }: ImportSite, { path, manifests, folderOf }: Context): string | undefined {
  if (specifier === undefined) return undefined;
  if (specifier.startsWith(".")) return posix.join(posix.dirname(path), specifier);
  const name = packageOf(specifier);
  const folder = folderOf.get(name);
  if (folder === undefined) return undefined;
  const entry = manifests.get(folder)?.exports?.[`.${specifier.slice(name.length)}`];
  const source =
    typeof entry === "object" && entry !== null
      ? Object.entries(entry).find(([key]) => key === SOURCE)?.[1]
      : entry;
  return typeof source === "string" ? posix.join(folder, source) : undefined;
}

const packageOf = (specifier: string): string =>
  specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");

interface Context {
  readonly path: string;
  readonly place: Place;
  readonly isTest: boolean;
  readonly manifests: ReadonlyMap<string, Manifest>;
  readonly folderOf: ReadonlyMap<string, string>;
}

function judgeImport({ specifier }: ImportSite, context: Context): Finding | undefined {
  if (specifier === undefined) {
    // Scripts, tests and benchmarks may compute a module's name; shipped code writes it out.
    if (context.isTest || context.place.room.development === true) return undefined;
    return {
      rule: "computed-import",
      message: "a dynamic import with a computed name cannot be checked",
      fix: "write the module's name as a literal",
    };
  }
  if (specifier.startsWith(".")) return judgeRelative(specifier, context);
  if (specifier.startsWith("node:") || builtinModules.includes(specifier))
    return judgeBuiltin(specifier, context);
  const name = packageOf(specifier);
  const folder = context.folderOf.get(name);
  return folder === undefined ? judgeThirdParty(name, context) : judgeRoom(specifier, name, folder, context);
}

function judgeRelative(specifier: string, { path, place, isTest }: Context): Finding | undefined {
  const target = posix.normalize(posix.join(posix.dirname(path), specifier));
  if (!target.startsWith(`${place.dir}/`)) {
    return {
      rule: "deep-import",
      message: `${specifier} reaches out of ${place.dir}`,
      fix: "import the other package by its name",
    };
  }
  if (!isTest && place.room.development !== true && UNSHIPPED_FILE.test(target)) {
    return {
      rule: "test-import",
      message: `shipped code imports the test file ${target}`,
      fix: "move what is shared into a file of its own",
    };
  }
  const climb = climbOf(path, specifier);
  return climb === undefined ? undefined : { rule: "floor", ...climb };
}

function judgeBuiltin(specifier: string, { place, isTest }: Context): Finding | undefined {
  if (place.room.pure !== true || isTest || PURE_BUILTINS.has(specifier)) return undefined;
  return {
    rule: "pure",
    message: `${place.id} is pure and may not import ${specifier}`,
    fix: "leave I/O, clocks and randomness to the runtime and take their results as parameters",
  };
}

function judgeRoom(specifier: string, name: string, folder: string, context: Context): Finding | undefined {
  const { place, path, isTest, manifests } = context;
  const target = placeOf(`${folder}/`);
  if (target === undefined || target.dir === place.dir) return undefined;
  const allowed: readonly string[] = [
    ...place.room.imports,
    ...(isTest ? [...(place.room.tests ?? []), "upstream-lab"] : []),
  ];
  if (!allowed.includes("*") && !allowed.includes(target.id)) {
    return {
      rule: "forbidden-room",
      message: `${place.id} may not import ${target.id} (${specifier})`,
      fix: `${place.id} may import ${allowed.length === 0 ? "no other room" : allowed.join(", ")}; move the code, or change ROOMS in scripts/boundaries/rules.ts with a reason`,
    };
  }
  const limited = RESTRICTED.find(
    ({ from, to, only }) => from === place.id && to === target.id && !only.test(path),
  );
  if (limited !== undefined && !isTest) {
    return {
      rule: "restricted-import",
      message: `this file may not import ${specifier}: ${limited.why}`,
      fix: `only files matching ${limited.only.source} may`,
    };
  }
  const subpath = `.${specifier.slice(name.length)}`;
  if (manifests.get(folder)?.exports?.[subpath] === undefined) {
    return {
      rule: "deep-import",
      message: `${name} does not export ${subpath}`,
      fix: `import what ${folder}/package.json lists under exports`,
    };
  }
  const own = manifests.get(place.dir);
  const bundled = place.room.bundled === true;
  if (isTest || place.room.development === true || declares(own, name, bundled)) return undefined;
  return {
    rule: "undeclared",
    message: `${name} is not a dependency of ${place.dir}`,
    fix: `add it to dependencies in ${place.dir}/package.json`,
  };
}

function judgeThirdParty(name: string, { place, isTest, manifests }: Context): Finding | undefined {
  const development = isTest || place.room.development === true;
  if (declares(manifests.get(place.dir), name, development || place.room.bundled === true)) return undefined;
  if (development && declares(manifests.get(""), name, true)) return undefined;
  const where = place.room.development === true ? "the root's package.json" : `${place.dir}/package.json`;
  return {
    rule: "undeclared",
    message: `${name} is not a dependency of ${place.dir}`,
    fix: `add it to ${where}, or do without it`,
  };
}

/** @param development also counts devDependencies, which shipped code may not use. */
const declares = (manifest: Manifest | undefined, name: string, development: boolean): boolean =>
  [
    manifest?.dependencies,
    manifest?.peerDependencies,
    manifest?.optionalDependencies,
    development ? manifest?.devDependencies : undefined,
  ].some((list) => list !== undefined && Object.hasOwn(list, name));
