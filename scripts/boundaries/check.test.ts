import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { findViolations, type Manifest } from "./check.ts";
import { readWorkspace } from "./read.ts";
import { ROOMS } from "./rules.ts";

const library = (name: string, dependencies: Record<string, string> = {}): Manifest => ({
  name,
  exports: { ".": "./src/index.ts" },
  dependencies,
});

const own = { "@headgate/contract": "0", "@headgate/adapter-kit": "0" };
const MANIFESTS: ReadonlyMap<string, Manifest> = new Map<string, Manifest>([
  ["", { devDependencies: { vitest: "1", "oxc-parser": "1" } }],
  ["packages/contract", library("@headgate/contract", { "fastest-levenshtein": "1" })],
  ["packages/compiler", library("@headgate/compiler", { ...own, yaml: "1" })],
  ["packages/router", library("@headgate/router", own)],
  ["packages/adapter-kit", library("@headgate/adapter-kit", own)],
  ["packages/adapters/demo", library("@headgate/adapter-demo", own)],
  ["packages/adapters/ollama", library("@headgate/adapter-ollama", own)],
  [
    "packages/runtime",
    library("@headgate/runtime", { ...own, "@headgate/compiler": "0", "@headgate/router": "0" }),
  ],
  ["packages/cli", library("headgate", { "@headgate/runtime": "0" })],
  ["packages/upstream-lab", library("@headgate/upstream-lab")],
]);

const check = (path: string, text: string) => findViolations([{ path, text }], MANIFESTS, []);
const rules = (path: string, text: string): string[] => check(path, text).map(({ rule }) => rule);

describe("imports between rooms", () => {
  it("finds the runtime importing the compiler, with its place and the fix", () => {
    const [violation, ...rest] = check(
      "packages/runtime/src/swap.ts",
      'import { a } from "@headgate/contract";\nimport { compile } from "@headgate/compiler";\n',
    );
    expect(rest).toEqual([]);
    expect(violation).toMatchObject({
      file: "packages/runtime/src/swap.ts",
      line: 2,
      column: 25,
      rule: "forbidden-room",
      message: "runtime may not import compiler (@headgate/compiler)",
    });
    expect(violation?.fix).toContain("contract, adapter-kit, router");
  });

  it.each(["twins/rules/groq.ts", "twins/rules.test.ts", "twins/testing/example.ts"])(
    "keeps the strict twins (%s) from the compiler, the dialect's types and the fragments",
    (file) => {
      const path = `packages/upstream-lab/src/${file}`;
      const up = "../".repeat(file.split("/").length + 2);
      for (const room of ["compiler", "contract", "adapter-kit", "adapter-ollama", "runtime"]) {
        expect([room, rules(path, `import type { X } from "@headgate/${room}";`)]).toEqual([
          room,
          ["forbidden-room"],
        ]);
      }
      for (const target of [
        "providers/groq/provider.yaml",
        "generated/catalog.ts",
        "schemas/provider.schema.json",
      ]) {
        expect([target, rules(path, `import x from "${up}${target}";`)]).toEqual([target, ["deep-import"]]);
      }
      expect(rules(path, 'import { x } from "./other.ts";')).toEqual([]);
    },
  );

  it.each([
    ['import type { X } from "@headgate/compiler";', "a type import"],
    ['export { x } from "@headgate/compiler";', "a re-export"],
    ['export * from "@headgate/compiler";', "a star re-export"],
    ['import "@headgate/compiler";', "a bare import"],
    ['const late = () => import("@headgate/compiler");', "a dynamic import"],
    ['type X = import("@headgate/compiler").X;', "an import in a type"],
    ['let x: Array<typeof import("@headgate/compiler")>;', "an import in a type query"],
    ['import x = require("@headgate/compiler");', "an import assignment"],
  ])("finds %s: %s", (text) => {
    expect(rules("packages/runtime/src/a.ts", text)).toEqual(["forbidden-room"]);
  });

  it("finds an adapter importing another adapter or the runtime", () => {
    expect(rules("packages/adapters/demo/src/a.ts", 'import "@headgate/adapter-ollama";')).toEqual([
      "forbidden-room",
    ]);
    expect(rules("packages/adapters/demo/src/a.ts", 'import "@headgate/runtime";')).toEqual([
      "forbidden-room",
    ]);
  });

  it("allows each room the imports of the table, and its own files", () => {
    expect(rules("packages/runtime/src/a.ts", 'import "@headgate/router";')).toEqual([]);
    expect(rules("packages/adapters/demo/src/a.ts", 'import "@headgate/adapter-kit";')).toEqual([]);
    expect(rules("tests/chat.test.ts", 'import "@headgate/compiler"; import "vitest";')).toEqual([]);
  });

  it("allows a test of the runtime the compiler, and any test the lab and the test runner", () => {
    expect(rules("packages/runtime/src/a.test.ts", 'import "@headgate/compiler";')).toEqual([]);
    expect(
      rules("packages/router/src/a.test.ts", 'import "@headgate/upstream-lab"; import "vitest";'),
    ).toEqual([]);
    expect(rules("packages/router/src/a.ts", 'import "@headgate/upstream-lab";')).toEqual(["forbidden-room"]);
    expect(rules("packages/router/src/a.test.ts", 'import "@headgate/compiler";')).toEqual([
      "forbidden-room",
    ]);
  });

  it("allows only serve to load the gateway", () => {
    const text = 'const { start } = await import("@headgate/runtime");';
    expect(rules("packages/cli/src/commands/serve.ts", text)).toEqual([]);
    expect(rules("packages/cli/src/commands/key.ts", text)).toEqual(["restricted-import"]);
  });

  it("finds paths into another package, by path and by name", () => {
    expect(rules("packages/router/src/a.ts", 'import "../../contract/src/index.ts";')).toEqual([
      "deep-import",
    ]);
    expect(rules("packages/router/src/a.ts", 'import "@headgate/contract/src/index.ts";')).toEqual([
      "deep-import",
    ]);
    expect(rules("packages/router/src/deep/a.ts", 'import "../b.ts";')).toEqual([]);
  });

  it("finds shipped code that imports a test file or a computed name", () => {
    expect(rules("packages/router/src/a.ts", 'import "./b.test.ts";')).toEqual(["test-import"]);
    expect(rules("packages/router/src/a.ts", 'import "./testing/b.ts";')).toEqual(["test-import"]);
    expect(rules("packages/router/src/a.test.ts", 'import "./testing/b.ts";')).toEqual([]);
    expect(rules("packages/router/src/a.ts", "const x = (n: string) => import(n);")).toEqual([
      "computed-import",
    ]);
  });

  it("finds a package without a room", () => {
    expect(rules("packages/novelty/src/a.ts", "export {};")).toEqual(["unknown-room"]);
  });

  it("reports a file that does not parse", () => {
    expect(rules("packages/router/src/a.ts", "import {")).toEqual(["syntax"]);
  });
});

describe("dependencies", () => {
  it("finds a third-party import that the package does not declare, though the root has it", () => {
    expect(rules("packages/compiler/src/a.ts", 'import "yaml"; import "yaml/util";')).toEqual([]);
    expect(rules("packages/router/src/a.ts", 'import "yaml";')).toEqual(["undeclared"]);
    expect(rules("packages/router/src/a.ts", 'import "vitest";')).toEqual(["undeclared"]);
    expect(rules("scripts/a.ts", 'import "oxc-parser";')).toEqual([]);
  });

  it("finds an allowed room that the package does not declare", () => {
    expect(rules("packages/cli/src/a.ts", 'import "@headgate/contract";')).toEqual(["undeclared"]);
  });
});

describe("pure rooms", () => {
  it.each([
    ['import { readFileSync } from "node:fs";', "pure"],
    ['import http from "http";', "pure"],
    ["export const at = () => Date.now();", "pure"],
    ["export const at = () => new Date();", "pure"],
    ["export const r = Math.random();", "pure"],
    ["export const e = process.env.HOME;", "pure"],
    ["export const e = globalThis.process;", "pure"],
    ["setTimeout(() => {}, 1);", "pure"],
    ["export const f = { fetch };", "pure"],
  ])("finds %s", (text, rule) => {
    expect(rules("packages/router/src/a.ts", text)).toEqual([rule]);
    expect(rules("packages/compiler/src/a.ts", text)).toEqual([]);
    expect(rules("packages/router/src/a.test.ts", text)).toEqual([]);
  });

  it.each([
    'import { Buffer } from "node:buffer"; export const b = Buffer.alloc(1);',
    "export const at = (nowMs: number) => new Date(nowMs);",
    "export const f = (process: { env: string }) => process.env;",
    "export const f = (o: { fetch: number }) => o.fetch;",
    "export interface X { process: string; setTimeout(): void }",
    "export const x = { process: 1 };",
    "export type T = NodeJS.Timeout;",
  ])("allows %s", (text) => {
    expect(rules("packages/router/src/a.ts", text)).toEqual([]);
  });
});

describe("floors inside the runtime", () => {
  const at = (file: string, specifier: string): string[] =>
    rules(`packages/runtime/src/${file}`, `import type { X } from "${specifier}";`);

  it("lets a file import its own room and lower floors", () => {
    expect(at("surfaces/openai/chat.ts", "../../exchange/policy.ts")).toEqual([]);
    expect(at("exchange/hedge.ts", "./continuation/seam.ts")).toEqual([]);
    expect(at("http/forms/spool.ts", "../client-error.ts")).toEqual([]);
    expect(at("upstream/pools.ts", "../log.ts")).toEqual([]);
  });

  it("finds an import that runs up or across, types included", () => {
    expect(at("surfaces/surface.ts", "../gateway.ts")).toEqual(["floor"]);
    expect(at("exchange/continuation/seam.ts", "../hedge.ts")).toEqual(["floor"]);
    expect(at("surfaces/openai/voices.ts", "../../ops/probes.ts")).toEqual(["floor"]);
    expect(at("http/auth.ts", "../upstream/pools.ts")).toEqual(["floor"]);
  });

  it("finds a file that is in no room, and leaves tests alone", () => {
    expect(at("misc.ts", "./log.ts")).toEqual(["floor"]);
    expect(at("http/auth.test.ts", "../gateway.ts")).toEqual([]);
  });
});

describe("import circles", () => {
  const circles = (texts: Record<string, string>, known: readonly string[] = []) =>
    findViolations(
      Object.entries(texts).map(([path, text]) => ({ path, text })),
      MANIFESTS,
      known,
    ).filter(({ rule }) => rule === "circle");
  const A = "packages/router/src/a.ts";
  const B = "packages/router/src/b.ts";
  const C = "packages/router/src/c.ts";
  const PAIR = { [A]: 'import type { X } from "./b.ts";', [B]: 'export * from "./a.ts";' };

  it("are found where types are all that is imported, and printed file by file", () => {
    expect(circles(PAIR)).toMatchObject([
      { file: A, message: `these files import each other: ${A} → ${B} → ${A}` },
    ]);
  });

  it.each([
    'type X = import("./a.ts").X;',
    'const late = () => import("./a.ts");',
    'import { X } from "./a.ts";',
    'export type { X } from "./a.ts";',
  ])("are closed by %s", (text) => {
    expect(circles({ [A]: 'import "./b.ts";', [B]: text })).toHaveLength(1);
  });

  it("are found through other files, as the shortest way around", () => {
    const long = { [A]: 'import "./b.ts";', [B]: 'import "./c.ts";', [C]: 'import "./a.ts";' };
    expect(circles(long)).toMatchObject([{ message: expect.stringContaining(`${A} → ${B} → ${C} → ${A}`) }]);
    const shortcut = { ...long, [B]: 'import "./c.ts"; import "./a.ts";' };
    expect(circles(shortcut)).toMatchObject([{ message: expect.stringContaining(`: ${A} → ${B} → ${A}`) }]);
  });

  it("are found between packages, and where a file imports itself", () => {
    const kit = "packages/adapter-kit/src/index.ts";
    const demo = "packages/adapters/demo/src/index.ts";
    expect(
      circles({ [kit]: 'import "@headgate/adapter-demo";', [demo]: 'import "@headgate/adapter-kit";' }),
    ).toMatchObject([{ message: expect.stringContaining(`${kit} → ${demo} → ${kit}`) }]);
    expect(circles({ [A]: 'import "./a.ts";' })).toMatchObject([
      { message: expect.stringContaining(`${A} → ${A}`) },
    ]);
  });

  it("are each reported once, and files that share an import are none", () => {
    const other = {
      "packages/state/src/a.ts": 'import "./b.ts";',
      "packages/state/src/b.ts": 'import "./a.ts";',
    };
    expect(circles({ ...PAIR, ...other })).toHaveLength(2);
    expect(circles({ [A]: 'import "./c.ts"; import "./b.ts";', [B]: 'import "./c.ts";', [C]: "" })).toEqual(
      [],
    );
  });

  it("are tolerated while they are listed, and a listed one that is gone is reported", () => {
    const listed = [`${A} → ${B} → ${A}`];
    expect(circles(PAIR, listed)).toEqual([]);
    expect(circles({ [A]: "" }, listed)).toMatchObject([
      { file: "scripts/boundaries/rules.ts", message: expect.stringContaining(`does not exist: ${A}`) },
    ]);
  });
});

describe("on a checkout", () => {
  const withFiles = (files: Record<string, string>, use: (root: string) => void): void => {
    const root = mkdtempSync(join(tmpdir(), "headgate-boundaries-"));
    try {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(join(root, dirname(path)), { recursive: true });
        writeFileSync(join(root, path), text);
      }
      use(root);
    } finally {
      rmSync(root, { recursive: true });
    }
  };
  const script = join(import.meta.dirname, "..", "boundaries.ts");
  const run = (root: string) => spawnSync(process.execPath, [script, root], { encoding: "utf8" });
  const contract = {
    "package.json": "{}",
    "packages/contract/package.json": '{"name":"@headgate/contract"}',
  };

  it("exits 1 and names the place of a forbidden import", () => {
    withFiles({ ...contract, "packages/contract/src/a.ts": 'import "node:net";\n' }, (root) => {
      const { status, stderr } = run(root);
      expect(stderr).toContain(
        "packages/contract/src/a.ts:1:8 pure: contract is pure and may not import node:net",
      );
      expect(status).toBe(1);
    });
  });

  it("exits 1 and prints an import circle", () => {
    const circle = {
      "packages/contract/src/a.ts": 'import "./b.ts";\n',
      "packages/contract/src/b.ts": 'import "./a.ts";\n',
    };
    withFiles({ ...contract, ...circle }, (root) => {
      const { status, stderr } = run(root);
      expect(stderr).toContain(
        "packages/contract/src/a.ts → packages/contract/src/b.ts → packages/contract/src/a.ts",
      );
      expect(status).toBe(1);
    });
  });

  it("exits 0 on a clean one, without built and installed files", () => {
    withFiles(
      {
        ...contract,
        "packages/contract/src/a.ts": "export const a = 1;\n",
        "packages/contract/dist/a.ts": 'import "node:net";\n',
        "packages/contract/node_modules/b/c.ts": 'import "node:net";\n',
      },
      (root) => {
        expect(run(root)).toMatchObject({ status: 0, stdout: "boundaries: 1 files, 0 violations\n" });
      },
    );
  });

  it("exits 1 without a file to check", () => {
    withFiles({ "package.json": "{}" }, (root) => expect(run(root).status).toBe(1));
  });

  it("finds every package of this repository in the table", () => {
    const { manifests } = readWorkspace(join(import.meta.dirname, "..", ".."));
    expect([...manifests.keys()]).toContain("packages/adapters/openai-compatible");
    expect(manifests.size).toBeGreaterThan(Object.keys(ROOMS).length - 6);
  });
});
