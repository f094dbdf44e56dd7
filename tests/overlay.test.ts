/**
 * One overlay that uses every rule of docs/overlay.md, over the whole catalogue: it compiles, `explain` names its lines, a
 * gateway serves it, and a change of it is served without a restart.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Lab, startLab } from "@headgate/upstream-lab";
import { afterEach, beforeEach, expect, it } from "vitest";
import { clientAt, clientKeyOf, makeRoot, removeRoot, runHeadgate, startServe } from "./support/serve.ts";

let root: string;
let lab: Lab;
beforeEach(async () => {
  root = makeRoot();
  lab = await startLab();
});
afterEach(async () => {
  removeRoot(root);
  await lab.close();
});

const put = (path: string, text: string): void => {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
};
const run = (line: string) => runHeadgate([...line.split(" "), "--root", root], root);

/** The examples of docs/overlay.md, by the file that each is for. */
function examples(): ReadonlyMap<string, string> {
  const text = readFileSync("docs/overlay.md", "utf8");
  return new Map(
    [...text.matchAll(/in `(overlay\/[^`]+\.(?:yaml|json))`:\n\n```\w+\n([\s\S]*?)```/g)].map(
      ([, path = "", block = ""]) => [path, block],
    ),
  );
}

function putOverlay(): void {
  for (const [path, block] of examples()) put(path, block);
  // A mapping is merged, a list replaced, a key removed, a limit raised.
  put(
    "overlay/providers/cerebras/provider.yaml",
    `summary: Mine.
timeouts: { connect_ms: 9000 }
models:
  cerebras-gpt-oss-120b: { notes: null, capabilities: [tools] }
`,
  );
  put("overlay/models/mistral-small-2603.yaml", "context_tokens: 50000\nmax_output_tokens: 40000\n");
  put(
    "overlay/providers/acme/provider.yaml",
    `name: Acme
summary: My own server.
tier: free
base_url: ${lab.baseUrl}
sources: [{ what: everything, from: me, date: 2026-11-21 }]
models:
  - { alias: acme-one, upstream: one, operation: chat, context_tokens: 8192 }
`,
  );
  put(
    "overlay/fallbacks/groups.json",
    JSON.stringify(
      {
        groups: {
          "free-mode": { members: { append: ["acme-one"] } },
          mine: { description: "Mine.", operation: "chat", members: ["acme-one", "groq-mine"] },
        },
      },
      null,
      2,
    ),
  );
  put("overlay/fallbacks/model-map.json", '{ "map": { "my-editor-*": ["acme-one"], "o1*": null } }\n');
  put("overlay/fallbacks/policies.json", '{ "policies": { "mine": { "first_token_ms": 8000 } } }\n');
  put("overlay/local.yaml", "warm: [local-ollama-cpu-bge-m3]\n");
  put("overlay/clients.yaml", "clients: { cline: { models: [mine], rpm: 30 } }\n");
}

// Slow: commands and a gateway over the whole catalogue, each a process of its own.
it("an overlay with every rule compiles, is explained line by line, and is served without a restart", async () => {
  expect([...examples().keys()]).toEqual([
    "overlay/providers/groq/provider.yaml",
    "overlay/fallbacks/fallbacks.json",
  ]);
  putOverlay();
  const on = (name: string): string => `${name}=1\n${name}_API_KEY=test-key\n`;
  const groq = `${on("GROQ")}GROQ_BASE_URL=${lab.baseUrl}\n`;
  put(".env", `${groq}${on("ACME")}${on("OPENROUTER")}OPENROUTER_PLAN=credits\nHEADGATE_LOG_LEVEL=info\n`);
  const validated = await run("validate --strict");
  expect(validated.code, validated.stdout + validated.stderr).toBe(0);

  // Which file decides what.
  const explained = async (name: string): Promise<string> =>
    (await run(`explain ${name}`)).stdout.replace(/ +/g, " ");
  const llama = await explained("groq-llama-3.3-70b");
  expect(llama).toContain("chain overlay/fallbacks/fallbacks.json:3");
  expect(llama).toContain("context_tokens overlay/providers/groq/provider.yaml:6");
  expect(llama).toMatch(/model providers\/groq\/provider\.yaml:\d+/);
  expect(await explained("mistral-small")).toContain(
    "context_tokens overlay/models/mistral-small-2603.yaml:1",
  );
  expect(await explained("local-ollama-cpu-bge-m3")).toContain("memory.warm overlay/local.yaml:1");
  expect(await explained("mine")).toMatch(/group overlay\/fallbacks\/groups\.json:\d+/);
  expect(await explained("groq-compound-mini")).toContain(
    "delete its line in overlay/providers/groq/provider.yaml, which switches it off",
  );

  // What is served.
  const gateway = await startServe(root);
  try {
    const client = clientAt(gateway, clientKeyOf(root));
    const via = async (model: string): Promise<string | null> => {
      const call = client.chat.completions.create({ model, messages: [{ role: "user", content: "Hi" }] });
      return (await call.withResponse()).response.headers.get("x-routed-via");
    };
    expect(await via("mine")).toBe("acme/one");
    expect(await via("my-editor-large")).toBe("acme/one");
    expect(await via("groq-mine")).toBe("groq/my-fine-tune");
    await expect(via("o1-anything")).rejects.toThrow(/o1-anything/);
    await gateway.logged("added cline");

    // A change, one that is wrong, and the overlay taken away in parts.
    const groups = JSON.parse(readFileSync(join(root, "overlay/fallbacks/groups.json"), "utf8"));
    groups.groups.mine.members.reverse();
    put("overlay/fallbacks/groups.json", JSON.stringify(groups));
    await gateway.logged("applied the change");
    expect(await via("mine")).toBe("groq/my-fine-tune");
    put("overlay/models/mistral-smal-2603.yaml", "context_tokens: 50000\n");
    const findings = await gateway.logged("keeps the old routing table");
    expect(findings).toContain("overlay/models/mistral-smal-2603.yaml:1:1");
    expect(findings).toContain("Did you mean `mistral-small-2603`?");
    expect(await via("mine")).toBe("groq/my-fine-tune");
  } finally {
    gateway.child.kill("SIGTERM");
    await gateway.exited;
  }
}, 120_000);
