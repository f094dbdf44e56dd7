/**
 * Every `sh` block of README, CONTRIBUTING and docs, run by bash in a folder like a checkout, beside a real gateway. Only what
 * would leave the folder is replaced: make shows what it would run, and a client that is named prints its variables.
 */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Catalog, dailyOf } from "@headgate/contract";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PROGRAM } from "./support/program.ts";
import { clientKeyOf, makeRoot, type Running, removeRoot, startServe } from "./support/serve.ts";

const REPOSITORY = process.cwd();
const FILES = ["README.md", "CONTRIBUTING.md", ...globSync("docs/*.md")];

interface Block {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

const blocks: readonly Block[] = FILES.flatMap((file) => {
  const lines = readFileSync(file, "utf8").split("\n");
  return lines.flatMap((line, at): Block[] => {
    const [, indent] = /^(\s*(?:\d+\. )?)```sh$/.exec(line) ?? [];
    if (indent === undefined) return [];
    const end = lines.findIndex((other, index) => index > at && other.trim() === "```");
    return [{ file, line: at + 1, text: lines.slice(at + 1, end).join("\n") }];
  });
});

describe("the sh blocks of the documentation", { timeout: 60_000 }, () => {
  let root = "";
  let tools = "";
  let gateway: Running;
  let key = "";
  let requestId = "";

  const tool = (name: string, text: string): void => {
    const path = join(tools, name);
    writeFileSync(path, `#!/bin/bash\n${text}\n`);
    chmodSync(path, 0o755);
  };

  beforeAll(async () => {
    root = makeRoot();
    // CONTRIBUTING.md makes it; a contributor who follows it word for word has it.
    rmSync(join(root, "providers", "acme"), { recursive: true, force: true });
    mkdirSync(join(root, "overlay"));
    gateway = await startServe(root);
    key = clientKeyOf(root);
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "demo", messages: [{ role: "user", content: "hi" }] }),
    });
    requestId = response.headers.get("x-request-id") ?? "";
    await response.text();
    tools = mkdtempSync(join(tmpdir(), "headgate-docs-"));
    tool("node", `exec ${process.execPath} "$@"`);
    // Without an end it would follow the log for good.
    tool("headgate", `once=(); [ "$1" = tail ] && once=(--once)\nexec node -- ${PROGRAM} "$@" "\${once[@]}"`);
    tool(
      "npx",
      `[ "$1" = headgate ] && { shift; exec headgate "$@"; }\n[ "$1" = changeset ] || { echo "npx would fetch $1"; exit 1; }`,
    );
    tool("make", `exec /usr/bin/make --dry-run --directory ${REPOSITORY} "$@"`);
    tool("claude", '[ -n "$ANTHROPIC_BASE_URL" ] && [ -n "$ANTHROPIC_AUTH_TOKEN" ]');
    // A start takes seconds on a busy machine.
  }, 60_000);
  afterAll(async () => {
    gateway.child.kill("SIGKILL");
    await gateway.exited;
    rmSync(tools, { recursive: true });
    removeRoot(root);
  });

  it("are there", () => {
    expect(blocks.length).toBeGreaterThan(8);
  });

  it.each(blocks)("run: $file:$line", ({ text }) => {
    const { host, port } = new URL(gateway.url);
    // A gateway in the background is another one, with a state of its own.
    const background = /headgate (start|stop|restart|logs)/.test(text);
    const script = text
      .replaceAll("127.0.0.1:4000", host)
      .replaceAll("<request-id>", requestId)
      .replaceAll("my-group", "demo");
    const { status, stdout, stderr } = spawnSync("bash", ["-eu", "-o", "pipefail", "-c", script], {
      cwd: root,
      encoding: "utf8",
      input: "",
      env: {
        PATH: `${tools}:/usr/bin:/bin`,
        HOME: root,
        KEY: key,
        HEADGATE_PORT: background ? "0" : port,
        ...(background ? { HEADGATE_STATE_DIR: join(root, "background") } : {}),
      },
    });
    expect([status, status === 0 ? "" : stdout + stderr]).toEqual([0, ""]);
  });
});

describe("the README", () => {
  const readme = readFileSync("README.md", "utf8");

  it("has at most 150 lines", () => {
    expect(readme.split("\n").length).toBeLessThanOrEqual(151);
  });

  it("names limits that docs/providers.md has for the same provider", () => {
    const table = readFileSync("docs/providers.md", "utf8").split("\n");
    const [, free = ""] = readme.split(/<!-- \/?free -->/);
    const rows = free.trim().split("\n");
    expect(rows.length).toBeGreaterThan(4);
    for (const row of rows) {
      const [, name = "", limits = ""] = /^\| \[(.+?)\].* \| (.+) \|$/.exec(row) ?? [];
      const known = table.find((line) => line.startsWith(`| [${name}](`));
      for (const limit of limits.split(" · ")) expect(known, row).toContain(limit);
    }
  });

  it("has the tokens and requests of a day that the catalogue adds up to", () => {
    const catalog = JSON.parse(readFileSync("generated/catalog.json", "utf8")) as Catalog;
    const { tokens, requests } = dailyOf(catalog);
    const figure = (amount: number): string => Math.floor(amount).toLocaleString("en");
    expect(readme).toContain(
      `together, under one key each, are ${figure(tokens)} tokens and ${figure(requests)} requests a day.`,
    );
  });

  it("links to files and headings that exist", () => {
    for (const file of FILES) {
      const folder = file.includes("/") ? "docs/" : "";
      for (const [, target = ""] of readFileSync(file, "utf8").matchAll(
        /\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)/g,
      ))
        expect(existsSync(folder + target), `${file} links to ${target}`).toBe(true);
    }
  });

  it("shows a picture of at most 50 kB", () => {
    expect(readFileSync("docs/demo.svg").length).toBeLessThan(50_000);
  });
});
