/** `headgate clients apply`: the list of clients as a file says it, such as `overlay/clients.yaml`. */
import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { CLIENT_FIELDS, type ClientView, type IssuedKey } from "@headgate/contract";
import { parse } from "yaml";
import { Failure } from "../cli.ts";
import type { Fields } from "./rules.ts";
import type { ClientsHere } from "./where.ts";

export interface Applied {
  readonly added: readonly IssuedKey[];
  readonly changed: readonly string[];
  /** Clients that the file does not name. */
  readonly revoked: readonly string[];
  readonly others: readonly string[];
}

/**
 * Adds and changes clients until they are as the file says; running it again changes nothing.
 * @param prune revokes those that the file does not name
 * @throws {Failure} that names the client, before anything of it is changed
 */
export async function applyFile(clients: ClientsHere, path: string, prune: boolean): Promise<Applied> {
  const wanted = readClientsFile(path);
  const here = (await clients.list()).filter(({ state }) => state !== "revoked");
  const added: IssuedKey[] = [];
  const changed: string[] = [];
  for (const [name, fields] of wanted) {
    const before = here.find((one) => one.name === name);
    const named = <T>(change: Promise<T>): Promise<T> =>
      change.catch((error: unknown) => {
        throw error instanceof Failure
          ? new Failure(`${path}: ${name}: ${error.message}`, error.exitCode)
          : error;
      });
    if (before === undefined) {
      added.push(await named(clients.add(name, fields)));
      continue;
    }
    // A rule that the file does not have is removed; a period such as 90d counts from the first time only.
    const { expires, ...rules } = fields;
    const whole = Object.fromEntries(
      CLIENT_FIELDS.filter((field) => field !== "expires").map((field) => [field, rules[field] ?? null]),
    );
    const until = expires === undefined ? { expires: null } : isPeriod(expires) ? {} : { expires };
    const after = await named(clients.edit(name, { ...whole, ...until }));
    if (!isDeepStrictEqual(settings(before), settings(after))) changed.push(name);
  }
  const others = here.filter(({ name }) => !wanted.has(name)).map(({ name }) => name);
  if (prune) for (const name of others) await clients.revoke(name);
  return { added, changed, revoked: prune ? others : [], others: prune ? [] : others };
}

const settings = ({ rules, expires_at }: ClientView): object => ({ rules, expires_at });
const isPeriod = (value: unknown): boolean => typeof value === "string" && /^[0-9]+[mhd]$/.test(value);

function readClientsFile(path: string): ReadonlyMap<string, Fields> {
  const must = "clients: { cline: { models: [free-mode], rpm: 30 } }";
  let value: unknown;
  try {
    value = parse(readFileSync(path, "utf8"));
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
    throw new Failure(
      missing
        ? `${path} does not exist; it looks like ${must}`
        : `${path} cannot be read as YAML: ${(error as Error).message}`,
    );
  }
  const { clients } = (typeof value === "object" && value !== null ? value : {}) as { clients?: unknown };
  const isObject = (one: unknown): one is Fields =>
    typeof one === "object" && one !== null && !Array.isArray(one);
  if (!isObject(clients) || !Object.values(clients).every(isObject))
    throw new Failure(`${path} must look like ${must}`);
  return new Map(Object.entries(clients) as [string, Fields][]);
}
