import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Catalog } from "@headgate/contract";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { MAX_ENV_BYTES, readCatalogEnvironment, readEnvFile, readOptionEnvironment } from "./environment.ts";

const fileOf = (variables: Record<string, string>) => ({ path: ".env", variables, keys: {}, sealed: [] });

describe("the environment", () => {
  let home = "";
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "headgate-env-"));
  });
  afterEach(() => rmSync(home, { recursive: true }));

  const read = (given?: string) => readEnvFile({ cwd: home, home, root: home, given, env: {} });
  const write = (text: string | Buffer, name = ".env"): void => writeFileSync(join(home, name), text);

  it("is empty without a .env, but the file of --env-file must exist", () => {
    expect(read()).toEqual({ path: join(home, ".env"), variables: {}, keys: {}, sealed: [] });
    expect(() => read("other.env")).toThrow("other.env does not exist");
  });

  it("reads quotes, comments, CRLF and a byte order mark", () => {
    write('\ufeffGROQ=1 # on\r\nGROQ_API_KEY="test key"\r\nEMPTY=\r\n');
    expect(read().variables).toEqual({ GROQ: "1", GROQ_API_KEY: "test key", EMPTY: "" });
  });

  it("keeps the text with every value blanked that is more than a switch", () => {
    write("GROQ=1\nGROQ_API_KEY=test-key-of-groq\n", "my.conf");
    const { source, variables } = read("my.conf");
    expect(variables.GROQ_API_KEY).toBe("test-key-of-groq");
    expect(source).toEqual({ path: "my.conf", text: "GROQ=1\nGROQ_API_KEY=…\n" });
  });

  it("refuses text that is not UTF-8, a file that is too large, and a folder", () => {
    write(Buffer.from([0x47, 0x3d, 0xff]));
    expect(() => read()).toThrow(".env is not UTF-8 text; save it as UTF-8");
    write(Buffer.alloc(MAX_ENV_BYTES + 1, 0x41));
    expect(() => read()).toThrow("larger than 1 MiB");
    expect(() => read(".")).toThrow("cannot be read");
  });

  const catalog: Catalog = {
    providers: [
      {
        id: "groq",
        name: "Groq",
        summary: "fast",
        flag: "GROQ",
        tier: "free",
        adapter: "openai-compatible",
        baseUrl: { env: "GROQ_BASE_URL" },
        auth: { scheme: "bearer", env: "GROQ_API_KEY", optional: false, mistaken: ["GROQ_KEY"] },
        headers: {},
        modelsEnv: "GROQ_MODELS",
        dialect: { drop: [], rename: {}, stripToolSchema: [] },
        timeouts: {},
        limits: [],
        errors: [],
        sources: [],
        models: [],
      },
    ],
    chains: {},
    contextWindow: {},
    groups: [],
  };

  it("reads from the shell the variables that the catalogue names, and no others", () => {
    const shell = {
      GROQ: "1",
      GROQ_API_KEY: "a",
      GROQ_API_KEY_2: "b",
      GROQ_KEY: "c",
      GROQ_BASE_URL: "d",
      GROQ_MODELS: "e",
      HEADGATE_PORT: "1",
      HOME: "/home/someone",
      GROQ_API_KEY_X: "no",
    };
    const { values } = readCatalogEnvironment(fileOf({}), shell, catalog);
    const { HOME: _, GROQ_API_KEY_X: __, ...expected } = shell;
    expect({ ...values }).toEqual(expected);
  });

  it("prefers .env for flags and keys and the shell for options, and names the differences", () => {
    const file = fileOf({ GROQ: "0", HEADGATE_PORT: "1" });
    const { values, conflicts } = readCatalogEnvironment(file, { GROQ: "1", HEADGATE_PORT: "2" }, catalog);
    expect({ ...values }).toEqual({ GROQ: "0", HEADGATE_PORT: "2" });
    expect(conflicts).toEqual([
      { name: "GROQ", winner: "file" },
      { name: "HEADGATE_PORT", winner: "shell" },
    ]);
  });

  it("reads only options from the shell without a catalogue", () => {
    const { values } = readOptionEnvironment(fileOf({}), { GROQ: "1", HEADGATE_PORT: "2" });
    expect({ ...values }).toEqual({ HEADGATE_PORT: "2" });
  });
});
