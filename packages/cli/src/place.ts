/** The catalogue's root, the folder for .env and state, and the compiler's installation. */
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Installation } from "@headgate/compiler";
import { Failure } from "./cli.ts";

export interface Place {
  /** Holds `providers/` and `fallbacks/`. */
  readonly root: string;
  /** True when the root is the package's own catalogue: nothing is written into it. */
  readonly builtIn: boolean;
  /** The default folder of .env and the state directory. */
  readonly home: string;
}

/** The sources' folder in a checkout; installed, `dist/`, in which every bundled file lies. */
const here = dirname(fileURLToPath(import.meta.url));
/** Set in a checkout: src/ is three folders below the repository. */
const checkout = here.endsWith("src") ? resolve(here, "..", "..", "..") : undefined;
/** The program's entry point, for child processes. */
export const ENTRY = join(dirname(here), "bin", "headgate.js");

/** The page's files: built beside their sources in a checkout, beside this program in a package. */
export const PAGE_DIRECTORY =
  checkout === undefined ? join(here, "page") : join(checkout, "packages", "dashboard", "dist");

/** How clients are connected. */
export const RECIPES = checkout === undefined ? join(here, "recipes") : join(checkout, "recipes");

const holdsCatalogue = (directory: string): boolean =>
  existsSync(join(directory, "providers")) && existsSync(join(directory, "fallbacks"));

/** Schemas and adapter manifests: the checkout's own, or those in the package. */
export function findInstallation(): Installation {
  if (checkout !== undefined) {
    return { schemasDir: join(checkout, "schemas"), adaptersDir: join(checkout, "packages", "adapters") };
  }
  return {
    schemasDir: join(here, "installation", "schemas"),
    adaptersDir: join(here, "installation", "adapters"),
  };
}

type Env = Readonly<Record<string, string | undefined>>;

/** Where the compiler keeps what it need not parse again: in the checkout, else in the user's cache folder. */
export function findCache(env: Env): string | undefined {
  if (checkout !== undefined) return join(checkout, ".build", "compiler-cache");
  const base = [env.XDG_CACHE_HOME, env.LOCALAPPDATA].find((path) => path !== undefined && isAbsolute(path));
  if (base !== undefined) return join(base, "headgate");
  const home = homedir();
  return home === "" ? undefined : join(home, ".cache", "headgate");
}

/**
 * The folder of `--root`; otherwise the nearest one, from the current upwards, that holds a catalogue; otherwise the
 * package's own catalogue, with the user's configuration folder as home.
 * @throws {Failure} when the given folder holds none
 */
export function findPlace(
  { cwd, env }: { readonly cwd: string; readonly env: Env },
  given: string | undefined,
): Place {
  if (given !== undefined) {
    const root = resolve(cwd, given);
    if (!existsSync(join(root, "providers"))) throw new Failure(`${given} holds no providers/ folder`);
    return { root, builtIn: false, home: root };
  }
  for (let directory = resolve(cwd); ; directory = dirname(directory)) {
    if (holdsCatalogue(directory)) return { root: directory, builtIn: false, home: directory };
    if (directory === dirname(directory)) break;
  }
  if (checkout !== undefined) return { root: checkout, builtIn: false, home: checkout };
  return { root: join(here, "catalogue"), builtIn: true, home: userHome(env) };
}

/** The user's folder of .env, overlay and state without a checkout: https://specifications.freedesktop.org/basedir-spec/latest/ */
export function userHome(env: Env): string {
  const base = [env.XDG_CONFIG_HOME, process.platform === "win32" ? env.APPDATA : undefined].find(
    (path) => path !== undefined && isAbsolute(path),
  );
  return join(base ?? join(homedir(), ".config"), "headgate");
}

/** Where `headgate build` writes an environment's routing table. */
export const activeDirectory = (stateDir: string): string => join(stateDir, "active");

/** The state directory: `--state-dir`, relative to `cwd`; otherwise the option, relative to the home folder. */
export const resolveStateDir = (
  cwd: string,
  home: string,
  given: string | undefined,
  option: string,
): string => (given === undefined ? resolve(home, option) : resolve(cwd, given));
