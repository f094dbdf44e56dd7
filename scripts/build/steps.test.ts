import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { copyCatalogue, copyInstallation } from "./steps.ts";
import { findTestParts } from "./workspace.ts";

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
    put("packages/two/package.json", JSON.stringify({ name: "@x/two", scripts: { prepack: "" } }));
    expect(findTestParts(root)).toEqual({
      folders: ["packages/one", "tests"],
      tasks: ["test", "//#test:tests"],
    });
  });

  const workspace = (): void => {
    put("package.json", JSON.stringify({ workspaces: ["packages/*", "packages/adapters/*", "generated"] }));
    put("packages/one/package.json", JSON.stringify({ name: "@x/one" }));
    put("packages/adapters/demo/package.json", JSON.stringify({ name: "@x/demo" }));
    put("generated/package.json", JSON.stringify({ name: "@x/generated" }));
  };

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
});
