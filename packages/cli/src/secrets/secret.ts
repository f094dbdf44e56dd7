/** The secret that keys and recorded bodies are sealed with: HEADGATE_SECRET, or a file outside the state directory. */
import { randomBytes } from "node:crypto";
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { OPTIONS, present } from "@headgate/contract";
import { Failure } from "../cli.ts";
import { userHome } from "../place.ts";

type Variables = Readonly<Record<string, string | undefined>>;

export interface Secret {
  readonly value: string;
  /** For messages: the variable's name, or the file's path. */
  readonly from: string;
  /** Absent where the variable holds it. */
  readonly file?: string;
  /** Of a rotation that was cut off: the keys are sealed with one of the two. */
  readonly next?: string;
}

/** Shorter ones can be guessed. */
const LEAST = 16;

export const secretFile = (shell: Variables): string => join(userHome(shell), "secret");

/** @throws {Failure} for a secret that is too short, or a file that cannot be read */
export function findSecret(shell: Variables, file: Variables): Secret | undefined {
  const name = OPTIONS.secret.env;
  const value = [shell[name], file[name]]
    .map((text) => text?.trim())
    .find((text) => text !== undefined && text !== "");
  if (value !== undefined) {
    if (value.length < LEAST)
      throw new Failure(
        `${name} must have at least ${LEAST} characters, such as \`openssl rand -base64 32\` prints`,
      );
    return { value, from: name };
  }
  const path = secretFile(shell);
  if (!existsSync(path)) return undefined;
  const next = nextSecretFile(path);
  return {
    value: readSecretFile(path),
    from: path,
    file: path,
    ...present({ next: existsSync(next) ? readSecretFile(next) : undefined }),
  };
}

export function findOrMakeSecret(shell: Variables, file: Variables): Secret {
  const found = findSecret(shell, file);
  if (found !== undefined) return found;
  const path = secretFile(shell);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, `${newSecret()}\n`, { mode: 0o600, flag: "wx" });
  try {
    // It appears whole, and never replaces another process's file.
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return { value: readSecretFile(path), from: path, file: path };
}

export const newSecret = (): string => randomBytes(32).toString("base64url");

/** Where a rotation writes the new secret first. */
export const nextSecretFile = (path: string): string => `${path}.next`;

function readSecretFile(path: string): string {
  try {
    if (process.platform !== "win32") chmodSync(path, 0o600);
    const value = readFileSync(path, "utf8").trim();
    if (value.length >= LEAST) return value;
  } catch (error) {
    throw new Failure(`${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown error"})`);
  }
  throw new Failure(
    `${path} holds no secret; bring its backup back, or delete it together with what it sealed`,
  );
}
