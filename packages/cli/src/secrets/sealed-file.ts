/** `.env.sealed`: keys beside .env, each sealed under its variable's name. */
import { existsSync, readFileSync } from "node:fs";
import { textSeal } from "@headgate/state/seal";
import { Failure } from "../cli.ts";
import { writeWhole } from "../settings/files.ts";
import type { Secret } from "./secret.ts";

const PURPOSE = "headgate keys";
const FORMAT = 1;

/** The sealed file that belongs to a .env file. */
export const sealedPath = (envPath: string): string => `${envPath}.sealed`;

/** Names with their sealed values, in base64; undefined where there is no file. @throws {Failure} for another file */
export function readSealed(path: string): Readonly<Record<string, string>> | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const { format, values } = JSON.parse(readFileSync(path, "utf8")) as {
      format?: unknown;
      values?: unknown;
    };
    if (format === FORMAT && typeof values === "object" && values !== null)
      return values as Readonly<Record<string, string>>;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== undefined) throw new Failure(`${path} cannot be read (${code})`);
  }
  throw new Failure(
    `${path} holds no sealed keys; bring its backup back, or delete it and set the keys again`,
  );
}

/** @throws {Failure} naming the secret where it is not the one that sealed the file */
export function openSealed(
  path: string,
  values: Readonly<Record<string, string>>,
  secret: Secret | undefined,
): Record<string, string> {
  const names = Object.keys(values);
  if (names.length === 0) return {};
  if (secret === undefined)
    throw new Failure(
      `${path} holds sealed keys, and their secret is missing; set HEADGATE_SECRET, or bring the file \`secret\` back`,
    );
  const seals = [secret.value, secret.next].flatMap((one) =>
    one === undefined ? [] : [textSeal(one, PURPOSE)],
  );
  return Object.fromEntries(
    names.map((name) => {
      const sealed = Buffer.from(values[name] ?? "", "base64");
      const text = seals.map((seal) => seal.open(sealed, name)).find((one) => one !== undefined);
      if (text === undefined)
        throw new Failure(
          `${secret.from} does not open ${name} in ${path}: another secret sealed it, or the file was changed; ` +
            `use the former secret, or run headgate secrets unset ${name} and set it again`,
        );
      return [name, text];
    }),
  );
}

/** @param kept values that stay as they were sealed */
export function writeSealed(
  path: string,
  kept: Readonly<Record<string, string>>,
  added: Readonly<Record<string, string>>,
  secret: Secret,
): void {
  const seal = textSeal(secret.value, PURPOSE);
  const sealed = Object.entries(added).map(([name, text]) => [
    name,
    Buffer.from(seal.close(text, name)).toString("base64"),
  ]);
  keepSealed(path, { ...kept, ...Object.fromEntries(sealed) });
}

/** @param values sealed already */
export function keepSealed(path: string, values: Readonly<Record<string, string>>): void {
  const sorted = Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
  writeWhole(path, `${JSON.stringify({ format: FORMAT, values: sorted }, null, 2)}\n`, 0o600);
}
