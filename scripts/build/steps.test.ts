import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { copyCatalogue, copyInstallation, installCopy, prepareBuild } from "./steps.ts";
import { findPackages, findTestParts } from "./workspace.ts";

describe("the build", () => {
  let root = "";
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "headgate-build-"));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const has = (path: string): boolean => existsSync(join(root, path));

  it("finds each package with tests, and the root's own folders, as the parts of the suite", () => {
    put(
      "package.json",
      JSON.stringify({ workspaces: ["packages/*"], scripts: { test: "", "test:tests": "" } }),
    );
    put("packages/one/package.json", JSON.stringify({ name: "@x/one", scripts: { test: "" } }));
    put("packages/two/package.json", JSON.stringify({ name: "@x/two", scripts: { build: "" } }));
    expect(findTestParts(root)).toEqual({
      folders: ["packages/one", "tests"],
      tasks: ["test", "//#test:tests"],
    });
  });

  const workspace = (): void => {
    put("package.json", JSON.stringify({ workspaces: ["packages/*", "packages/adapters/*", "generated"] }));
    put("packages/one/package.json", JSON.stringify({ name: "@x/one", files: ["dist"] }));
    put("packages/adapters/demo/package.json", JSON.stringify({ name: "@x/demo", files: ["dist"] }));
    put("generated/package.json", JSON.stringify({ name: "@x/generated", files: ["dist"] }));
  };

  it("compiles a package's sources into an emptied dist/, without its tests", () => {
    workspace();
    put("packages/one/src/index.ts", "");
    put("packages/one/dist/stale.js", "");
    put("packages/one/tsconfig.json", '{ "references": [{ "path": "../adapters/demo" }] }');
    const config = prepareBuild(root, join(root, "packages/one"));
    expect(has("packages/one/dist")).toBe(false);
    expect(JSON.parse(readFileSync(config, "utf8"))).toEqual({
      extends: "../../../tsconfig.build.json",
      compilerOptions: { rootDir: "../src", outDir: "../dist" },
      include: ["../src/**/*.ts"],
      exclude: ["../src/**/*.test.ts", "../src/testing"],
      references: [{ path: "../../adapters/demo" }],
    });
  });

  it("compiles the sources beside generated/package.json", () => {
    workspace();
    put("generated/tsconfig.json", "{}");
    const config = prepareBuild(root, join(root, "generated"));
    expect(JSON.parse(readFileSync(config, "utf8"))).toMatchObject({
      extends: "../../tsconfig.build.json",
      compilerOptions: { rootDir: "..", outDir: "../dist" },
      include: ["../*.ts"],
    });
  });

  it("copies schemas and manifests to the compiler, and a catalogue without fixtures to the CLI", () => {
    workspace();
    put("schemas/a.schema.json", "{}");
    put("packages/adapters/demo/src/index.ts", "");
    put("providers/groq/provider.yaml", "name: Groq");
    put("providers/groq/fixtures/chat.json", "{}");
    put("fallbacks/fallbacks.json", "{}");
    put("providers/dialects.yaml", "profiles: {}");
    put("providers/groq/retired.yaml", "models: []");
    put("models/llama.yaml", "operation: chat");
    put(".env.example", "DEMO=1");
    copyInstallation(root, join(root, "installation"));
    copyCatalogue(root, join(root, "catalogue"));
    expect(has("installation/schemas/a.schema.json")).toBe(true);
    expect(has("installation/adapters/demo/package.json")).toBe(true);
    expect(has("installation/adapters/demo/src")).toBe(false);
    expect(has("catalogue/providers/groq/provider.yaml")).toBe(true);
    expect(has("catalogue/providers/groq/fixtures")).toBe(false);
    expect(has("catalogue/providers/dialects.yaml")).toBe(true);
    expect(has("catalogue/fallbacks/fallbacks.json")).toBe(true);
    expect(has("catalogue/providers/groq/retired.yaml")).toBe(true);
    expect(has("catalogue/models/llama.yaml")).toBe(true);
    expect(has("catalogue/.env.example")).toBe(true);
  });

  it("installs only what a package publishes, and fails where that does not exist", () => {
    workspace();
    put("packages/one/dist/index.js", "");
    put("packages/one/src/index.ts", "");
    const [one] = findPackages(root).filter(({ name }) => name === "@x/one");
    if (one === undefined) throw new Error("the package is there");
    installCopy(root, join(root, "installed"), [one]);
    expect(has("installed/node_modules/@x/one/dist/index.js")).toBe(true);
    expect(has("installed/node_modules/@x/one/src")).toBe(false);
    rmSync(join(root, "packages/one/dist"), { recursive: true });
    expect(() => installCopy(root, join(root, "installed"), [one])).toThrow(
      "lists dist, which does not exist",
    );
  });
});
