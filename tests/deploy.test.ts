/** The files of deploy/ with the programs that they are written for. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Lab, stall, startLab } from "@headgate/upstream-lab";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { clientAt, clientKeyOf, makeRoot, type Running, removeRoot, startServe } from "./support/serve.ts";

const there = (program: string, ...args: string[]): boolean => spawnSync(program, args).status === 0;

function freePort(): Promise<number> {
  return new Promise((found) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => found(typeof address === "object" ? (address?.port ?? 0) : 0));
    });
  });
}

describe.skipIf(!there("nginx", "-v"))("deploy/nginx (skipped without nginx)", { timeout: 60_000 }, () => {
  let lab: Lab;
  let gateway: Running;
  let nginx: ChildProcess;
  let folder = "";
  let root = "";
  let url = "";

  beforeAll(async () => {
    lab = await startLab();
    root = makeRoot();
    writeFileSync(join(root, ".env"), `GROQ=1\nGROQ_API_KEY=test-key\nGROQ_BASE_URL=${lab.baseUrl}\n`, {
      mode: 0o600,
    });
    gateway = await startServe(root);
    folder = mkdtempSync(join(tmpdir(), "headgate-nginx-"));
    for (const name of ["body", "proxy", "fastcgi", "uwsgi", "scgi"]) mkdirSync(join(folder, name));
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    // Only the two addresses are others than in the file.
    const recipe = readFileSync("deploy/nginx/headgate.conf", "utf8")
      .replace("127.0.0.1:4000", new URL(gateway.url).host)
      .replace("listen 80;", `listen 127.0.0.1:${port};`);
    const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
      (name) => `${name}_temp_path ${join(folder, name.replace("client_", ""))};`,
    );
    writeFileSync(
      join(folder, "nginx.conf"),
      `daemon off; master_process off; pid ${join(folder, "pid")}; error_log stderr;
events {}
http { access_log off; ${paths.join(" ")}
${recipe}}
`,
    );
    nginx = spawn("nginx", ["-e", "stderr", "-p", folder, "-c", join(folder, "nginx.conf")], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let errors = "";
    nginx.stderr?.on("data", (part: Buffer) => {
      errors += part.toString();
    });
    for (;;) {
      if (
        await fetch(`${url}/health/live`).then(
          ({ ok }) => ok,
          () => false,
        )
      )
        break;
      if (nginx.exitCode !== null) throw new Error(errors);
      await new Promise((turn) => setImmediate(turn));
    }
    // A start takes seconds on a busy machine.
  }, 60_000);
  afterAll(async () => {
    nginx.kill("SIGTERM");
    gateway.child.kill("SIGKILL");
    await lab.close();
    rmSync(folder, { recursive: true });
    removeRoot(root);
  });

  it("gives each piece of a stream on as it comes", async () => {
    const gate = lab.gate();
    lab.behave("llama-3.3-70b-versatile", stall({ after: 3, gate }));
    const client = clientAt({ url }, clientKeyOf(root));
    const stream = await client.chat.completions.create({
      model: "groq-llama-3.3-70b",
      messages: [{ role: "user", content: "hi" }],
      stream: true,
    });
    const seen: string[] = [];
    for await (const chunk of stream) {
      const text = chunk.choices[0]?.delta.content ?? "";
      if (text === "") continue;
      seen.push(text);
      // The upstream sends nothing more until this piece has come through nginx.
      gate.open();
    }
    expect(seen.length).toBeGreaterThan(2);
  });

  it("takes a body that nginx would refuse by default", async () => {
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${clientKeyOf(root)}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "demo", messages: [{ role: "user", content: "x".repeat(3_000_000) }] }),
    });
    expect(response.status).not.toBe(413);
  });
});

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: {
    readonly replicas?: number;
    readonly template?: { readonly spec: { readonly containers: readonly Container[] } };
  };
}
interface Container {
  readonly name: string;
  readonly securityContext?: object;
  readonly readinessProbe?: object;
  readonly livenessProbe?: object;
  readonly resources?: { readonly limits?: object };
}

describe.skipIf(!there("kubectl", "version", "--client"))(
  "deploy/kubernetes (skipped without kubectl)",
  () => {
    let folder = "";
    let text = "";
    let manifests: readonly Manifest[] = [];
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), "headgate-kubernetes-"));
      cpSync("deploy/kubernetes", folder, { recursive: true });
      for (const name of ["keys.env", "databases.env"])
        cpSync(join(folder, `${name}.example`), join(folder, name));
      text = execFileSync("kubectl", ["kustomize", folder], { encoding: "utf8" });
      manifests = parseAllDocuments(text).map((document) => document.toJS() as Manifest);
    });
    afterAll(() => rmSync(folder, { recursive: true }));
    const workloads = (): readonly Manifest[] => manifests.filter(({ spec }) => spec?.template !== undefined);

    it("builds two gateways, Valkey and PostgreSQL", () => {
      expect(workloads().map(({ kind, metadata, spec }) => [kind, metadata.name, spec?.replicas])).toEqual([
        ["Deployment", "gateway", 2],
        ["StatefulSet", "postgres", 1],
        ["StatefulSet", "valkey", 1],
      ]);
    });

    it("watches, bounds and hardens every container", () => {
      for (const { spec } of workloads())
        for (const container of spec?.template?.spec.containers ?? [])
          expect(container, container.name).toMatchObject({
            livenessProbe: expect.anything(),
            readinessProbe: expect.anything(),
            resources: { limits: { memory: expect.any(String) } },
            securityContext: {
              allowPrivilegeEscalation: false,
              readOnlyRootFilesystem: true,
              capabilities: { drop: ["ALL"] },
            },
          });
    });

    it("holds no key: they come from files that git does not have", () => {
      for (const name of ["keys.env", "databases.env"])
        expect(readFileSync("deploy/kubernetes/.gitignore", "utf8")).toContain(`${name}\n`);
      expect(text).not.toMatch(/gsk_|sk-/);
    });
  },
);
