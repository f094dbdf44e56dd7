/** How a client is connected: one file of data per client in `recipes/`. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { closest } from "@headgate/contract";
import { parse } from "yaml";
import { Failure } from "../cli.ts";
import { RECIPES } from "../place.ts";

export type Format = "json" | "toml" | "yaml" | "dotenv";

export interface Setting {
  /** Keys from the file's top, dots between them; a list has an entry of `key`. */
  readonly at: string;
  readonly value: unknown;
  /** Of YAML: a member of the file's top that is set only where there is none. */
  readonly absent?: true;
  /** `at` is a list: the entry whose member `key` has the value's is replaced, else one is added. */
  readonly key?: string;
}

export interface RecipeFile {
  /** `~` is the home folder, `{config}` the configuration folder (XDG). */
  readonly path: string;
  readonly format: Format;
  readonly set: readonly Setting[];
}

export interface Recipe {
  readonly id: string;
  readonly name: string;
  /** `run`: done with the real client by `make connect-clients`; `schema`: by its documented format; `none`: untested. */
  readonly proof: "run" | "schema" | "none";
  /** The version that it was tried on, or whose documentation it follows. */
  readonly version: string;
  readonly sources: readonly { readonly what: string; readonly url: string; readonly date: string }[];
  readonly files: readonly RecipeFile[];
  /** For `headgate run`: the variables, and the program. */
  readonly run?: {
    readonly program: string;
    readonly args?: readonly string[];
    readonly env: Readonly<Record<string, string>>;
  };
  /** What a person does, where no file can be written or something is left. */
  readonly steps: readonly string[];
  readonly notes?: string;
}

export function recipeIds(): string[] {
  return readdirSync(RECIPES)
    .filter((name) => name.endsWith(".yaml"))
    .map((name) => name.slice(0, -".yaml".length))
    .sort();
}

/** @throws {Failure} for a client without a recipe */
export function readRecipe(id: string): Recipe {
  const ids = recipeIds();
  if (!ids.includes(id)) {
    const near = closest(id, ids);
    throw new Failure(
      `there is no recipe for ${id}${near === undefined ? "" : `; did you mean ${near}?`} (${ids.join(", ")})`,
    );
  }
  const {
    files = [],
    steps = [],
    ...fields
  } = parse(readFileSync(join(RECIPES, `${id}.yaml`), "utf8")) as Omit<Recipe, "id">;
  return { id, files, steps, ...fields };
}

export interface Values {
  /** Without a path. */
  readonly url: string;
  readonly key: string;
  readonly model: string;
}

/** A recipe's value with the gateway's address, the key and the model in it. */
export function filled<T>(value: T, values: Values): T {
  if (typeof value === "string")
    return value.replace(/\{(url|key|model)\}/g, (_, name: keyof Values) => values[name]) as T;
  if (Array.isArray(value)) return value.map((entry) => filled(entry as unknown, values)) as T;
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([name, entry]) => [filled(name, values), filled(entry as unknown, values)]),
    ) as T;
  return value;
}
