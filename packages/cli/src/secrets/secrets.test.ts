/** Where keys come from, which source wins, and what stands in clear text. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readEnvFile, readValues } from "../environment.ts";
import { runMain } from "../testing/run-main.ts";

const NAME = "GROQ_API_KEY";

describe("keys", () => {
  let root = "";
  let env: Record<string, string> = {};
  const at = (name: string): string => join(root, name);
  const put = (name: string, text: string): void => writeFileSync(at(name), text, { mode: 0o600 });
  const run = (args: string, stdin?: string) =>
    runMain([...args.split(" "), "--root", root], {
      cwd: root,
      env,
      ...(stdin === undefined ? {} : { stdin }),
    });
  const seal = async (value: string) => expect((await run(`secrets set ${NAME}`, `${value}\n`)).code).toBe(0);
  const key = (shell: Record<string, string> = {}): string | undefined => {
    const all = { ...env, ...shell };
    const file = readEnvFile({ cwd: root, home: root, root, env: all });
    return readValues(file, all, new Set([NAME]))[NAME];
  };
  /** Every file of the folder and of the user's configuration, as one text. */
  const everything = (): string =>
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), "latin1"))
      .join("\n");

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "headgate-secrets-"));
    mkdirSync(at("providers"));
    mkdirSync(at("fallbacks"));
    env = { XDG_CONFIG_HOME: at("config") };
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const dotenv = (value: string): void => put("keys", `${NAME}=${value}\n`);
  const labelled = (value: string): void => put("keys", `Groq API key\n\n${value}\n`);
  /** Which of the sources have a key, and the one that wins. */
  const TABLE: [
    string,
    { file?: typeof dotenv; sealed?: true; env?: true; shell?: true },
    string | undefined,
  ][] = [
    ["nothing", {}, undefined],
    ["the shell alone", { shell: true }, "of-the-shell"],
    [".env over the shell", { shell: true, env: true }, "of-env"],
    ["sealed keys over .env and the shell", { shell: true, env: true, sealed: true }, "sealed"],
    ["a keys file over all", { shell: true, env: true, sealed: true, file: dotenv }, "of-the-file"],
    [
      "a labelled keys file over all",
      { shell: true, env: true, sealed: true, file: labelled },
      "of-the-file",
    ],
    ["a keys file over the shell", { shell: true, file: labelled }, "of-the-file"],
    ["a keys file over .env", { env: true, file: dotenv }, "of-the-file"],
  ];
  it.each(TABLE)("take %s", async (_, sources, expected) => {
    if (sources.sealed) await seal("sealed");
    const named = sources.file === undefined ? "" : "HEADGATE_KEYS_FILE=keys\n";
    put(".env", `${named}${sources.env ? `${NAME}=of-env\n` : ""}`);
    sources.file?.("of-the-file");
    expect(key(sources.shell ? { [NAME]: "of-the-shell" } : {})).toBe(expected);
  });

  it("are in no file in clear text once they are sealed, and their files are the owner's", async () => {
    put(".env", `GROQ=1\n${NAME}=gsk_clear_one # mine\nHEADGATE_API_KEY=hg-clear\nGROQ_BASE_URL=https://x\n`);
    expect((await run("secrets seal")).code).toBe(0);
    await run("secrets set COHERE_API_KEY", "clear-two\n");
    expect(everything()).not.toMatch(/clear/);
    expect(key()).toBe("gsk_clear_one");
    expect(readFileSync(at(".env"), "utf8")).toBe(
      `GROQ=1\n${NAME}= # mine\nHEADGATE_API_KEY=\nGROQ_BASE_URL=https://x\n`,
    );
    for (const name of [".env", ".env.sealed", "config/headgate/secret"])
      expect(statSync(at(name)).mode & 0o777, name).toBe(0o600);
    expect((await run("secrets list")).stdout).toBe(`COHERE_API_KEY\n${NAME}\nHEADGATE_API_KEY\n`);
    expect((await run("key")).stdout).toBe("hg-clear\n");
  });

  it("open with HEADGATE_SECRET, and a wrong one is an error that names it and the key", async () => {
    env.HEADGATE_SECRET = "the-first-secret-of-all";
    await seal("value");
    expect(existsSync(at("config"))).toBe(false);
    expect(key()).toBe("value");
    env.HEADGATE_SECRET = "another-secret-than-it";
    expect(() => key()).toThrow(
      /^HEADGATE_SECRET does not open GROQ_API_KEY in .*\.env\.sealed: another secret/,
    );
    expect((await run("secrets set COHERE_API_KEY", "x\n")).stderr).toContain(
      "HEADGATE_SECRET does not open",
    );
    env.HEADGATE_SECRET = "short";
    expect(() => key()).toThrow("HEADGATE_SECRET must have at least 16 characters");
    delete env.HEADGATE_SECRET;
    expect(() => key()).toThrow("their secret is missing");
    expect((await run(`secrets unset ${NAME}`)).code).toBe(0);
    expect(key()).toBeUndefined();
  });

  it("are sealed anew by a rotation, which a crash between its steps does not break", async () => {
    await seal("value");
    const secret = at("config/headgate/secret");
    const old = readFileSync(secret, "utf8");
    expect((await run("secrets rotate")).code).toBe(0);
    const next = readFileSync(secret, "utf8");
    expect(next).not.toBe(old);
    expect(key()).toBe("value");
    // The sealed file is new, and the secret was not renamed yet.
    writeFileSync(secret, old);
    expect(() => key()).toThrow(`${secret} does not open`);
    writeFileSync(`${secret}.next`, next);
    expect(key()).toBe("value");
    expect((await run("secrets rotate")).code).toBe(0);
    expect(existsSync(`${secret}.next`)).toBe(false);
    expect(key()).toBe("value");
  });

  it("of HEADGATE_SECRET are sealed anew with the secret that stdin has", async () => {
    env.HEADGATE_SECRET = "the-first-secret-of-all";
    await seal("value");
    expect((await run("secrets rotate", "the-second-secret-of-all\n")).code).toBe(0);
    env.HEADGATE_SECRET = "the-second-secret-of-all";
    expect(key()).toBe("value");
  });

  it("are refused where they cannot be right, without being shown", async () => {
    expect(await run("secrets set groq", "gsk_x\n")).toMatchObject({ code: 2 });
    expect(await run(`secrets set ${NAME}`, "\n")).toMatchObject({ code: 1 });
    const blank = await run(`secrets set ${NAME}`, "gsk one\n");
    expect([blank.code, blank.stderr]).toEqual([1, expect.not.stringContaining("gsk")]);
    expect((await run(`secrets unset ${NAME}`)).stderr).toContain("holds no GROQ_API_KEY");
    put(".env.sealed", "{}");
    expect(() => key()).toThrow("holds no sealed keys");
  });

  it("of a keys file that is missing or wrong are an error with the file and the line", () => {
    put(".env", "HEADGATE_KEYS_FILE=keys\n");
    expect(() => key()).toThrow("HEADGATE_KEYS_FILE names keys, and there is no such file");
    put("keys", "Groq\n");
    expect(() => key()).toThrow("keys: line 1 is a label without a value below it");
  });
});
