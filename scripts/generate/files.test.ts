import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findDrift, outputsOf, repair } from "./files.ts";

const REPOSITORY = join(import.meta.dirname, "..", "..");

/** A checkout in a temporary folder: this repository's schemas and adapters, and one provider. */
function makeCheckout(): string {
  const root = mkdtempSync(join(tmpdir(), "headgate-generate-"));
  const manifests = globSync("packages/adapters/*/package.json", { cwd: REPOSITORY });
  for (const path of ["schemas", "models", "providers/demo/provider.yaml", ...manifests]) {
    cpSync(join(REPOSITORY, path), join(root, path), { recursive: true });
  }
  put(root, "fallbacks/fallbacks.json", '{ "chains": { "demo": [] } }');
  for (const name of ["package.json", "tsconfig.json"]) put(root, `generated/${name}`, "{}");
  put(root, "generated/dist/adapters.js", "{}");
  return root;
}

function put(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

describe("the generated files", () => {
  let root: string;
  let files: ReadonlyMap<string, string>;

  beforeAll(async () => {
    root = makeCheckout();
    const outputs = await outputsOf(root);
    if (!("files" in outputs)) throw new Error(outputs.diagnostics.map(({ message }) => message).join("\n"));
    files = outputs.files;
  });
  afterAll(() => rmSync(root, { recursive: true }));

  const generate = (...args: string[]) =>
    spawnSync(
      process.execPath,
      ["--conditions=@headgate/source", join(REPOSITORY, "scripts/generate.ts"), "--root", root, ...args],
      { encoding: "utf8", env: { PATH: process.env.PATH } },
    );

  it("are all committed generated files", () => {
    expect([...files.keys()].toSorted()).toEqual([
      ".env.example",
      "docs/clients-setup.md",
      "docs/diagnostics.md",
      "docs/dialects.md",
      "docs/providers.md",
      "generated/adapters.ts",
      "generated/catalog.json",
      "generated/catalog.ts",
      "generated/docker-compose.host.yaml",
      "generated/docker-compose.yaml",
      "packages/compiler/src/generated/validators.ts",
      "packages/contract/src/generated/schema.ts",
      "schemas/adapter-name.schema.json",
    ]);
    // The schema of adapters' names is an input too, so that the checkout has it.
    expect(findDrift(root, files).map(({ kind }) => kind)).toEqual(Array(files.size - 1).fill("missing"));
  });

  it("are written where they differ, and then nothing differs; other files stay", () => {
    put(root, "generated/catalog.ts", "// hand-written\n");
    put(root, "generated/left-over.ts", "");
    repair(root, findDrift(root, files), files);
    expect(findDrift(root, files)).toEqual([]);
    for (const [path, text] of files) expect(readFileSync(join(root, path), "utf8")).toBe(text);
    expect(existsSync(join(root, "generated/left-over.ts"))).toBe(false);
    for (const name of ["package.json", "tsconfig.json"])
      expect(existsSync(join(root, "generated", name))).toBe(true);
    expect(existsSync(join(root, "generated/dist/adapters.js"))).toBe(true);
  });

  it("are reported when stale, missing or superfluous, with the first line that differs", () => {
    repair(root, findDrift(root, files), files);
    const env = files.get(".env.example") ?? "";
    put(root, ".env.example", env.replace("DEMO=1", "DEMO=0"));
    rmSync(join(root, "docs/providers.md"));
    put(root, "packages/contract/src/generated/old.ts", "");
    expect(findDrift(root, files)).toEqual([
      {
        path: ".env.example",
        kind: "stale",
        line: { number: env.split("\n").indexOf("DEMO=1") + 1, is: "DEMO=0", should: "DEMO=1" },
      },
      { path: "docs/providers.md", kind: "missing" },
      { path: "packages/contract/src/generated/old.ts", kind: "superfluous" },
    ]);
  });

  it("are stale when only the last line of a file is missing", () => {
    repair(root, findDrift(root, files), files);
    put(root, "generated/adapters.ts", (files.get("generated/adapters.ts") ?? "").trimEnd());
    expect(findDrift(root, files).map(({ path, kind }) => `${kind} ${path}`)).toEqual([
      "stale generated/adapters.ts",
    ]);
  });

  it("fail `--check` when one of them is stale, which writes nothing; `generate` repairs it", () => {
    repair(root, findDrift(root, files), files);
    put(root, "docs/providers.md", "# Old\n");
    const failed = generate("--check");
    expect(failed.status).toBe(1);
    expect(failed.stderr).toContain("docs/providers.md is stale; run `make generate`");
    expect(failed.stdout).toContain(`${files.size} committed files, 1 out of date`);
    expect(readFileSync(join(root, "docs/providers.md"), "utf8")).toBe("# Old\n");

    expect(generate()).toMatchObject({ status: 0, stdout: "wrote docs/providers.md\n", stderr: "" });
    expect(generate("--check")).toMatchObject({ status: 0, stderr: "" });
    // Three processes.
  }, 60_000);

  it("hold the sums of the README, and leave its other text alone", async () => {
    const text =
      "# Mine\n\nAll together, under one key each, are 1 tokens and 2,000 requests a day.\nMore.\n";
    put(root, "README.md", text);
    const outputs = await outputsOf(root);
    rmSync(join(root, "README.md"));
    expect("files" in outputs && outputs.files.get("README.md")).toBe(
      text.replace("1 tokens and 2,000", "0 tokens and 0"),
    );
  });

  it("are not written when the catalogue has errors, which are printed", () => {
    repair(root, findDrift(root, files), files);
    const fragment = readFileSync(join(root, "providers/demo/provider.yaml"), "utf8");
    put(root, "providers/demo/provider.yaml", fragment.replace("tier: local", "tier: lokal"));
    const failed = generate();
    put(root, "providers/demo/provider.yaml", fragment);
    expect(failed.status).toBe(1);
    expect(failed.stderr).toMatch(/providers\/demo\/provider\.yaml:\d+:\d+ HG204/);
    expect(failed.stderr).toContain("nothing was written");
    expect(findDrift(root, files)).toEqual([]);
  });
});
