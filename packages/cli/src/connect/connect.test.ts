/** Each recipe on a copy of a filled home: what it sets, what it keeps, and that undo leaves the home identical. */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parse as parseToml } from "@decimalturn/toml-patch";
import { parse as parseEnv } from "dotenv";
import { parse as parseJson } from "jsonc-parser";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parse as parseYaml } from "yaml";
import { runMain } from "../testing/run-main.ts";
import { type Format, type Recipe, readRecipe, recipeIds } from "./recipe.ts";

/** What a user has in such a file already. */
const FILLED: Readonly<Record<Format, string>> = {
  json: '{\n\t// of mine\n\t"theme": "dark", /* and this */\n\t"env": { "MINE": "1" },\n\t"list": [1,2,],\n}\n',
  toml: '# of mine\napproval_policy = "never" # and this\n\n[mcp_servers.mine]\ncommand = "x"\nargs = ["a", "b"]\n',
  yaml: "# of mine\ntheme: dark # and this\nlist:\n  - a\n  - b\n",
  dotenv: "# of mine\nMINE=1 # and this\n",
};
const READ: Readonly<Record<Format, (text: string) => unknown>> = {
  json: (text) => parseJson(text) as unknown,
  toml: parseToml,
  yaml: (text) => parseYaml(text) as unknown,
  dotenv: parseEnv,
};

const withFiles = recipeIds()
  .map(readRecipe)
  .filter(({ files }) => files.length > 0);

describe("headgate connect", () => {
  let root = "";
  let home = "";
  const pathOf = (path: string): string => path.replace("~", home).replace("{config}", join(home, ".config"));
  const run = (...args: string[]) =>
    runMain([...args, "--state-dir", join(root, "state"), "--root", root], {
      cwd: root,
      env: { HOME: home, XDG_CONFIG_HOME: join(home, ".config") },
    });
  const read = ({ path, format }: Recipe["files"][number]): unknown =>
    READ[format](readFileSync(pathOf(path), "utf8"));
  const fill = ({ files }: Recipe): void => {
    for (const { path, format } of files) {
      mkdirSync(dirname(pathOf(path)), { recursive: true });
      writeFileSync(pathOf(path), FILLED[format]);
      chmodSync(pathOf(path), 0o640);
    }
  };
  /** Every path of the home with its mode and its bytes. */
  const everything = (): string[] =>
    readdirSync(home, { recursive: true, withFileTypes: true })
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        const { mode } = statSync(path);
        return `${path} ${mode} ${entry.isFile() ? readFileSync(path, "latin1") : ""}`;
      })
      .sort();

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "headgate-connect-"));
    home = join(root, "home");
    for (const name of ["home", "providers", "fallbacks"]) mkdirSync(join(root, name));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it("has a recipe for each of 21 clients, with a source or the word untested", async () => {
    expect(recipeIds()).toHaveLength(21);
    for (const recipe of recipeIds().map(readRecipe)) {
      if (recipe.proof === "none") expect(recipe.notes, recipe.id).toBeDefined();
      else expect(recipe.sources.length, recipe.id).toBeGreaterThan(0);
      for (const { url, date } of recipe.sources)
        expect(`${url} ${date}`).toMatch(/^https:\S+ \d{4}-\d\d-\d\d$/);
      expect(recipe.files.length + recipe.steps.length, recipe.id).toBeGreaterThan(0);
    }
    expect((await run("connect", "list")).stdout).toContain("untested");
  });

  it.each(withFiles.map((recipe) => [recipe.id, recipe] as const))(
    "merges %s into what is there, and undo restores it byte for byte",
    async (id, recipe) => {
      fill(recipe);
      const before = everything();
      const done = await run("connect", id, "--yes", "--model", "my-model");
      expect(done, done.stderr).toMatchObject({ code: 0 });
      const texts = recipe.files.map(({ path }) => readFileSync(pathOf(path), "utf8"));
      for (const [at, file] of recipe.files.entries()) {
        expect(texts[at]).toContain("of mine");
        expect(texts[at]).toContain("and this");
        expect(read(file)).toMatchObject(
          file.format === "toml"
            ? { approval_policy: "never", mcp_servers: { mine: { command: "x", args: ["a", "b"] } } }
            : (READ[file.format](FILLED[file.format]) as object),
        );
        expect(statSync(pathOf(file.path)).mode & 0o777).toBe(0o640);
      }
      const all = texts.join("\n");
      expect(all).toContain("http://127.0.0.1:4000");
      expect(all).toContain("my-model");
      expect(done.stdout + done.stderr).not.toMatch(/hgk?-[\w-]{20}/);

      // A second one changes the key, and keeps the first way back.
      expect((await run("connect", id, "--yes", "--model", "other")).code).toBe(0);
      const undone = await run("connect", id, "--undo");
      expect(undone, undone.stderr).toMatchObject({ code: 0 });
      expect(everything()).toEqual(before);
      expect((await run("clients", "list")).stdout).toMatch(new RegExp(`${id} .*revoked`));
    },
  );

  it.each(withFiles.map(({ id }) => id))(
    "writes %s into an empty home, and undo leaves it empty",
    async (id) => {
      const done = await run("connect", id, "--yes");
      expect(done, done.stderr).toMatchObject({ code: 0 });
      const recipe = readRecipe(id);
      for (const { path } of recipe.files) expect(statSync(pathOf(path)).mode & 0o777).toBe(0o600);
      expect((await run("connect", id, "--undo")).code).toBe(0);
      expect(everything()).toEqual([]);
    },
  );

  it("writes nothing with --dry-run, without an answer, or into a file that it cannot read", async () => {
    fill(readRecipe("codex"));
    const before = everything();
    const dry = await run("connect", "codex", "--dry-run");
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining('+model_provider = "headgate"') });
    expect(await run("connect", "codex")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("--yes"),
    });
    expect(everything()).toEqual(before);
    const path = pathOf("~/.codex/config.toml");
    writeFileSync(path, "a = [\n");
    const wrong = await run("connect", "codex", "--yes");
    expect(wrong).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`${path} cannot be read as TOML`),
    });
    expect(readFileSync(path, "utf8")).toBe("a = [\n");
    expect((await run("clients", "list")).stdout).not.toContain("codex");
  });

  it("does not undo over a change of the user's, unless it is told to", async () => {
    const path = pathOf("~/.claude/settings.json");
    await run("connect", "claude-code", "--yes");
    writeFileSync(path, `${readFileSync(path, "utf8")}\n`);
    expect(await run("connect", "claude-code", "--undo")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("was changed since; nothing was restored"),
    });
    expect((await run("connect", "claude-code", "--undo", "--yes")).code).toBe(0);
    expect(await run("connect", "claude-code", "--undo")).toMatchObject({
      code: 0,
      stderr: expect.stringContaining("not connected by this folder"),
    });
  });

  it("takes another machine's address, and Claude Code's models of each size", async () => {
    await run("connect", "claude-code", "--yes", "--haiku", "small", "--subagent", "sub");
    const text = readFileSync(pathOf("~/.claude/settings.json"), "utf8");
    expect(JSON.parse(text)).toMatchObject({
      env: { ANTHROPIC_DEFAULT_HAIKU_MODEL: "small", CLAUDE_CODE_SUBAGENT_MODEL: "sub" },
    });
    expect(await run("connect", "codex", "--yes", "--haiku", "small")).toMatchObject({ code: 2 });
    const far = await run("connect", "codex", "--dry-run", "--url", "http://gateway.lan:4000/");
    expect(far.stdout).toContain('base_url = "http://gateway.lan:4000/v1"');
    expect(await run("connect", "codex", "--url", "gateway")).toMatchObject({ code: 2 });
  });

  it("prints steps where no file can be written, says what is untested, and suggests a name for a slip", async () => {
    const roo = await run("connect", "roo");
    expect(roo).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("Base URL: http://127.0.0.1:4000/v1"),
    });
    expect((await run("connect", "cursor")).stderr).toContain("untested");
    expect((await run("connect", "codx")).stderr).toContain("did you mean codex?");
  });

  it("starts a client with the gateway in its environment, and writes nothing", async () => {
    const script =
      "process.exit(process.env.OPENAI_BASE_URL === 'http://127.0.0.1:4000/v1' && /^hg-/.test(process.env.OPENAI_API_KEY) ? 7 : 1)";
    const started = await runMain(
      ["run", "--state-dir", join(root, "state"), "--root", root, "openai-node", "-e", script],
      { cwd: root, env: { HOME: home, PATH: dirname(process.execPath) } },
    );
    expect(started.code).toBe(7);
    expect(everything()).toEqual([]);
    expect((await run("run", "roo")).stderr).toContain("is not started by a command");
    expect((await run("run", "claude")).stderr).toContain("is not on the PATH");
  });
});
