/**
 * `make demo`: a fallback chain at work, live. Real gateway, real HTTP, the shipped catalogue; the providers are fakes on
 * this machine that fail on demand. No key and no network.
 */
import { compile, resolveEnvironment } from "@headgate/compiler";
import { type RoutingTable, readOptions } from "@headgate/contract";
import { createGateway, createLog } from "@headgate/runtime";
import {
  type Behaviour,
  cut,
  errorFrame,
  healthy,
  html502,
  type Lab,
  silence,
  startLab,
  status,
} from "@headgate/upstream-lab";
import { createColors } from "picocolors";

const ALIAS = "groq-llama-3.3-70b";
/** The providers that are on: the first of the chain. */
const PROVIDERS = ["groq", "cerebras", "mistral"] as const;
const FIRST_TOKEN_TIMEOUT_MS = 800;
const PACE_MS = 45;

const terminal = process.stdout.isTTY === true;
const paint = createColors();
const print = (text = ""): void => void process.stdout.write(`${text}\n`);

const answerFrom = (provider: string, text: string): Behaviour =>
  healthy({ text: `${provider}: ${text}`.match(/\S+\s*/g) ?? [], everyMs: terminal ? PACE_MS : 0 });

async function main(): Promise<void> {
  const lab = await startLab();
  const clientKey = "hg-demo-key-that-never-leaves-this-process";
  const served = await catalogueAt(lab);
  const gateway = await createGateway({
    options: { ...readOptions({}).options, port: 0, firstTokenTimeoutMs: FIRST_TOKEN_TIMEOUT_MS },
    clientKey,
    ...served,
    log: createLog("silent", () => {}),
    version: "demo",
  });
  const stop = async (): Promise<void> => {
    await Promise.all([gateway.close(), lab.close()]);
  };
  process.once("SIGINT", () => void stop().then(() => process.exit(130)));
  const { url } = await gateway.listen();

  print(paint.bold("A fallback chain at work, live"));
  print(
    `Every step requests ${paint.cyan(ALIAS)} from the gateway. Its providers are fakes on this machine.`,
  );
  const step = stepper(lab, url, clientKey, served.table);

  await step("No failure: the first candidate of the chain answers.", {});
  await step("Groq is at its limit and answers 429 with Retry-After: 30.", {
    groq: status(429, { retryAfterS: 30 }),
  });
  await step("Groq cools down for 30 s and gets no request.", {});
  await step("Cerebras answers with a web page, so Mistral is next.", { cerebras: html502() });
  await step(
    `Cerebras accepts the call and sends nothing; after ${FIRST_TOKEN_TIMEOUT_MS} ms Mistral is tried.`,
    { cerebras: silence() },
  );
  await step("Cerebras sends an error inside a 200.", { cerebras: errorFrame({ after: 0 }) });
  await step(
    "Cerebras failed three times and cools down; Mistral breaks in mid-stream: an error frame, never a clean end.",
    {
      mistral: cut({ after: 4 }),
    },
  );

  print();
  print(`The gateway's view (${paint.dim("GET /health")}):`);
  const health = (await (
    await fetch(`${url}/health`, { headers: { authorization: `Bearer ${clientKey}` } })
  ).json()) as {
    providers: { id: string; status: string; attempts: number; failures: number }[];
  };
  for (const { id, status: state, attempts, failures } of health.providers) {
    print(`  ${id.padEnd(9)} ${state.padEnd(9)} ${attempts} attempts, ${failures} failed`);
  }
  print();
  print(`With your own keys: ${paint.cyan("make run")}`);
  await stop();
}

/** The shipped catalogue with the chain's first three providers switched on and pointed at the lab. */
async function catalogueAt(lab: Lab) {
  const { catalog } = await compile({
    root: ".",
    installation: { schemasDir: "schemas", adaptersDir: "packages/adapters" },
  });
  if (catalog === undefined) throw new Error("the catalogue has errors; run make validate");
  const values: Record<string, string> = {};
  for (const id of PROVIDERS) {
    const flag = id.toUpperCase();
    Object.assign(values, {
      [flag]: "1",
      [`${flag}_API_KEY`]: "demo-key",
      [`${flag}_BASE_URL`]: lab.baseUrl,
    });
  }
  const { table } = resolveEnvironment(catalog, { values, conflicts: [] });
  return {
    table,
    secrets: Object.fromEntries(
      table.providers.flatMap(({ keyVars }) => keyVars).map((name) => [name, "demo-key"]),
    ),
  };
}

type Faults = Partial<Record<(typeof PROVIDERS)[number], Behaviour>>;

function stepper(
  lab: Lab,
  url: string,
  clientKey: string,
  { providers, deployments }: RoutingTable,
): (title: string, faults: Faults) => Promise<void> {
  const providerOf = (upstream: string): string => {
    const deployment = deployments.find((one) => one.upstream === upstream);
    return providers[deployment?.provider ?? -1]?.id ?? upstream;
  };
  let count = 0;
  return async (title, faults) => {
    count += 1;
    // Whichever models the chain has: the catalogue changes.
    for (const { upstream } of deployments) {
      const id = providerOf(upstream);
      lab.behave(
        upstream,
        faults[id as keyof Faults] ?? answerFrom(id, "here is the answer, one token at a time."),
      );
    }
    print();
    print(`${paint.bold(`${count}.`)} ${title}`);
    const startedAtMs = performance.now();
    const before = lab.requests.length;
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${clientKey}`, "content-type": "application/json" },
      body: JSON.stringify({ model: ALIAS, stream: true, messages: [{ role: "user", content: "Hello!" }] }),
    });
    const firstMs = Math.round(performance.now() - startedAtMs);
    for (const failed of lab.requests.slice(before, -1))
      print(`   ${paint.red("✗")} ${providerOf(failed.model)} ${paint.dim(failed.behaviour)}`);
    const broke = await printStream(response);
    const via = response.headers.get("x-routed-via") ?? "no candidate";
    const attempts = response.headers.get("x-fallback-attempts") ?? "0";
    const mark = broke ? paint.red("✗") : paint.green("✓");
    print(
      `   ${mark} ${via}  ${paint.dim(`first token after ${firstMs} ms, X-Fallback-Attempts: ${attempts}`)}`,
    );
  };
}

/** Prints tokens as they come. True when the stream ended in an error frame. */
async function printStream(response: Response): Promise<boolean> {
  process.stdout.write("   ");
  const decoder = new TextDecoder();
  let buffered = "";
  let broke = false;
  for await (const bytes of response.body ?? []) {
    buffered += decoder.decode(bytes, { stream: true });
    const frames = buffered.split("\n\n");
    buffered = frames.pop() ?? "";
    for (const frame of frames) {
      if (!frame.startsWith("data: {")) continue;
      const data = JSON.parse(frame.slice(6)) as {
        error?: { message: string };
        choices?: { delta?: { content?: string } }[];
      };
      process.stdout.write(data.choices?.[0]?.delta?.content ?? "");
      if (data.error === undefined) continue;
      broke = true;
      process.stdout.write(paint.red(`\n   error frame: ${data.error.message}`));
    }
  }
  process.stdout.write("\n");
  return broke;
}

await main();
