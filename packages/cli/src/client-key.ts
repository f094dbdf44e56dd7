/** The key that clients send, where the operator set none: created once, kept in the state directory, mode 0600. */
import { randomBytes } from "node:crypto";
import { chmodSync, linkSync, lstatSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "./cli.ts";
import { makeStateDir } from "./state-dir.ts";

const FILE = "client-key";
const OWNER_ONLY = 0o600;
/** The form of `makeKey`'s keys; any other content is damage or another program's. */
const SHAPE = /^hg-[A-Za-z0-9_-]{43}$/;

/** 256 random bits. */
export const makeKey = (): string => `hg-${randomBytes(32).toString("base64url")}`;

export interface ClientKey {
  readonly key: string;
  readonly path: string;
  /** True when this call created it. */
  readonly created: boolean;
}

/**
 * The state directory's client key; created when there is none. Two processes that start at once get the same key.
 * @throws {Failure} when the file is not a key, or cannot be read or written
 */
export function readOrCreateClientKey(stateDir: string): ClientKey {
  const path = join(stateDir, FILE);
  try {
    const present = readKey(path);
    if (present !== undefined) return { key: present, path, created: false };
    makeStateDir(stateDir);
    return createKey(path);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(
      `the client key in ${path} cannot be read or written (${(error as NodeJS.ErrnoException).code ?? "unknown error"})`,
    );
  }
}

/** The state directory's client key, where there is one that can be read; nothing is created. */
export function readClientKey(stateDir: string): string | undefined {
  try {
    return readKey(join(stateDir, FILE));
  } catch {
    return undefined;
  }
}

/** The key before a rotation, with its end. */
const OLD_FILE = "client-key.old";

/**
 * A new key in place of the old one, which stays valid for the grace period.
 * @throws {Failure} as `readOrCreateClientKey`
 */
export function rotateClientKey(stateDir: string, graceMs: number, nowMs: number): string {
  const { key: old, path } = readOrCreateClientKey(stateDir);
  const key = makeKey();
  // The old one first: a gateway that reads in between knows both.
  replace(join(stateDir, OLD_FILE), `${JSON.stringify({ key: old, until_ms: nowMs + graceMs })}\n`);
  replace(path, `${key}\n`);
  return key;
}

function replace(path: string, text: string): void {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
  try {
    writeFileSync(draft, text, { mode: OWNER_ONLY, flag: "wx" });
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw new Failure(
      `${path} cannot be written (${(error as NodeJS.ErrnoException).code ?? "unknown error"})`,
    );
  }
}

/** The keys that a gateway takes now, the one in force first. Undefined where the file cannot be read: nothing changes then. */
export function operatorKeys(
  stateDir: string,
): readonly { readonly key: string; readonly untilMs?: number }[] | undefined {
  const key = readClientKey(stateDir);
  if (key === undefined) return undefined;
  try {
    const old = JSON.parse(readFileSync(join(stateDir, OLD_FILE), "utf8")) as {
      key?: unknown;
      until_ms?: unknown;
    };
    if (typeof old.key === "string" && SHAPE.test(old.key) && typeof old.until_ms === "number")
      return [{ key }, { key: old.key, untilMs: old.until_ms }];
  } catch {
    // There was no rotation.
  }
  return [{ key }];
}

/** Calls `changed` with the keys at the start, and within a second of each rotation. @returns ends it */
export function followOperatorKeys(
  stateDir: string,
  changed: (keys: NonNullable<ReturnType<typeof operatorKeys>>) => void,
): () => void {
  let seen = "";
  const look = (): void => {
    const keys = operatorKeys(stateDir);
    const text = JSON.stringify(keys);
    if (keys === undefined || text === seen) return;
    seen = text;
    changed(keys);
  };
  look();
  const timer = setInterval(look, LOOK_MS).unref();
  return () => clearInterval(timer);
}

const LOOK_MS = 500;

function readKey(path: string): string | undefined {
  const stats = lstatSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return undefined;
  if (!stats.isFile())
    throw new Failure(`${path} is not a plain file; delete it, and the next start creates a key`);
  // A copy may have a laxer mode. Windows has no such modes.
  if (process.platform !== "win32" && (stats.mode & 0o777) !== OWNER_ONLY) chmodSync(path, OWNER_ONLY);
  const key = readFileSync(path, "utf8").trim();
  if (!SHAPE.test(key))
    throw new Failure(`${path} holds no client key; delete it, and the next start creates one`);
  return key;
}

/** A link appears whole or not at all, and never replaces another process's file. */
function createKey(path: string): ClientKey {
  const key = makeKey();
  const draft = `${path}.${process.pid}.${randomBytes(4).toString("hex")}`;
  writeFileSync(draft, `${key}\n`, { mode: OWNER_ONLY, flag: "wx" });
  try {
    linkSync(draft, path);
    return { key, path, created: true };
  } catch (error) {
    const present = (error as NodeJS.ErrnoException).code === "EEXIST" ? readKey(path) : undefined;
    if (present === undefined) throw error;
    return { key: present, path, created: false };
  } finally {
    rmSync(draft, { force: true });
  }
}
