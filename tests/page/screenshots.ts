/**
 * Writes pictures of the page into docs/page/: light, dark and narrow, and a short animation for the README. They are of a
 * real gateway in front of fake providers, with a day of seeded usage records. `make screenshots`
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readOptions, type UsageRecord } from "@headgate/contract";
import { openRecords, placeOf, retentionOf } from "@headgate/records";
import { startLab, status } from "@headgate/upstream-lab";
import type { Page } from "playwright-core";
import { builtPage, CHROMIUM, launch, signIn, visit } from "../support/browser.ts";
import { clientAt, clientKeyOf, makeRoot, removeRoot, startServe } from "../support/serve.ts";
import { animatedPng, type Frame } from "./apng.ts";

const OUT = "docs/page";
const SEED = 21;
const RECORDS = 900;
const DAY_MS = 86_400_000;
const MODELS = [
  ["groq", "groq-llama-3.3-70b", 0],
  ["cerebras", "cerebras-gpt-oss-120b", 0],
  ["mistral", "mistral-large", 0],
  ["openai", "openai-gpt-4o", 2_500],
] as const;

/** The same numbers on every run. */
function dice(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function seeded(nowMs: number): UsageRecord[] {
  const roll = dice(SEED);
  return Array.from({ length: RECORDS }, (_, at): UsageRecord => {
    const [provider, model, price] = MODELS[Math.floor(roll() ** 2 * MODELS.length)] ?? MODELS[0];
    const candidate = { provider, model, upstream: model, key: `${provider.toUpperCase()}_API_KEY` };
    const usage = { inputTokens: Math.floor(roll() * 4_000), outputTokens: Math.floor(roll() * 700) };
    const durationMs = Math.round(300 + roll() ** 3 * 9_000);
    const answered = roll() > 0.04;
    const costNanoUsd = usage.inputTokens * price + usage.outputTokens * price * 4;
    const failed = { ...candidate, outcome: "failed", class: "rate_limit", status: 429, ms: 90 } as const;
    return {
      uid: `seed-${at}`,
      id: `seed-${at}`,
      // More by day than by night.
      atMs: nowMs - Math.round((roll() + roll()) * 0.5 * DAY_MS) - 120_000,
      client: roll() > 0.3 ? "master" : "ci",
      program: roll() > 0.5 ? "openai-python/2.1.0" : "claude-cli/2.0.1",
      surface: "openai",
      operation: "chat",
      model: "auto",
      route: "auto",
      stream: true,
      outcome: answered ? "answered" : "broken",
      status: 200,
      served: candidate,
      attempts: [
        ...(roll() > 0.85 ? [failed] : []),
        {
          ...candidate,
          outcome: answered ? "answered" : "broken",
          ms: durationMs,
          usage,
          costNanoUsd,
          listNanoUsd: costNanoUsd,
        },
      ],
      skipped: [],
      plan: [candidate],
      firstTokenMs: Math.round(durationMs / 4),
      durationMs,
      usage,
      counted: "upstream",
      costNanoUsd,
      listNanoUsd: costNanoUsd,
      askedNanoUsd: usage.inputTokens * 2_500 + usage.outputTokens * 10_000,
    };
  });
}

async function seedRecords(root: string): Promise<void> {
  const { options } = readOptions({});
  const stateDir = join(root, ".headgate");
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const records = await openRecords({
    place: placeOf(stateDir, options),
    retention: retentionOf(options),
    warn: (text) => console.warn(text),
  });
  for (const record of seeded(Date.now())) records.write(record);
  await records.flush();
  await records.close();
}

const PICTURES: readonly (readonly [name: string, address: string, shown: string])[] = [
  ["now", "now", "At a glance"],
  ["requests", "requests", "J and K open"],
  ["providers", "providers?show=on", "Groq"],
  ["provider-key", "providers?q=gemini&manage=gemini", "Allowance and data policy"],
  ["models", "models", "groq-llama-3.3-70b"],
  ["chains", "chains?name=auto", "Save to the overlay"],
  ["playground", "playground?model=groq-llama-3.3-70b", "Send a message"],
  ["usage", "usage", "Usage by model"],
  ["clients", "clients", "Connect a client"],
  ["memory", "memory", "No local model is managed."],
  ["explain", "explain?model=auto", "Candidates, in order"],
];
/** What is shown in the dark and on a phone too. */
const ALSO = new Set(["now", "requests", "providers", "playground", "usage", "chains"]);

async function settle(page: Page, shown: string): Promise<void> {
  await page.getByText(shown).first().waitFor();
  await page.getByText("Loading", { exact: true }).first().waitFor({ state: "detached" });
  // Two frames: a chart is drawn after its data is there.
  await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))");
}

async function chat(page: Page): Promise<void> {
  await page.getByLabel("Message").fill("Explain in one sentence what a headgate is.");
  await page.getByRole("button", { name: "Send" }).click();
  await page.getByText(/· 1 attempt ·/).waitFor();
}

if (CHROMIUM === undefined) {
  console.error("screenshots: no Chromium is installed; on Debian and Ubuntu: apt-get install chromium");
  process.exit(1);
}
builtPage();
const lab = await startLab();
const root = makeRoot();
const keyed = ["GROQ", "CEREBRAS", "MISTRAL"].map(
  (name) => `${name}=1\n${name}_API_KEY=fake-key\n${name}_BASE_URL=${lab.baseUrl}\n`,
);
writeFileSync(join(root, ".env"), `DEMO=1\n${keyed.join("")}OPENROUTER=1\nHEADGATE_SPEND_LIMIT=5usd/day\n`);
await seedRecords(root);
const running = await startServe(root, [], { HEADGATE_PAGE: "on" });
const browser = await launch();
try {
  const key = clientKeyOf(root);
  const client = clientAt(running, key);
  const messages = [{ role: "user" as const, content: "Hello" }];
  lab.behave("gpt-oss-120b", status(429, { retryAfterS: 900 }));
  for (const model of [
    "auto",
    "groq-llama-3.3-70b",
    "cerebras-gpt-oss-120b",
    "mistral-large",
    "free-mode",
    "demo",
  ])
    await client.chat.completions.create({ model, messages });
  await client.chat.completions.create({ model: "no-such-model", messages }).catch(() => undefined);
  await fetch(`${running.url}/admin/clients`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({ name: "ci", rpm: 60, spend: "1usd/day" }),
  });

  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(OUT, { recursive: true });
  const frames: Frame[] = [];
  for (const [theme, width] of [
    ["light", 1280],
    ["dark", 1280],
    ["light", 390],
  ] as const) {
    const { page, context } = await visit(browser, running.url, { theme, width });
    page.setDefaultTimeout(60_000);
    await signIn(page, running.url, key);
    for (const [name, address, shown] of PICTURES) {
      const kind = width < 900 ? "phone" : theme;
      if (kind !== "light" && !ALSO.has(name)) continue;
      await page.goto(`${running.url}/#/${address}`);
      await settle(page, shown);
      if (name === "playground") await chat(page);
      await page.screenshot({ path: join(OUT, `${name}-${kind}.jpg`), quality: 72 });
      if (kind === "light" && ["now", "providers", "playground", "requests", "usage"].includes(name))
        frames.push({
          png: await page.screenshot({ clip: { x: 0, y: 0, width: 1280, height: 640 } }),
          ms: 2_000,
        });
    }
    await context.close();
  }
  writeFileSync(join(OUT, "tour.png"), animatedPng(frames));
} finally {
  await browser.close();
  running.child.kill("SIGKILL");
  await running.exited;
  await lab.close();
  removeRoot(root);
}
console.log(`screenshots: written to ${OUT}/`);
