/**
 * `make soak`: a real `headgate serve` under a steady load, a tenth of it faulty. Its resident memory may grow by 5 % in
 * the second half, its descriptors must come back, and each sound request must be answered. Exit code 1 otherwise.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { healthyUpstream } from "../fuzz/healthy.ts";
import { Random } from "../fuzz/random.ts";
import { close, listen } from "../fuzz/server.ts";
import { startServe } from "../support/serve.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    rate: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
  },
});
const durationMs = Number(values.minutes) * 60_000;
const rate = Number(values.rate);
const random = new Random(Number(values.seed));
const FAULTS = 0.1;
/** In its second half the memory may grow by this part. */
const MAX_GROWTH = 0.05;
const MAX_DESCRIPTORS_LEFT = 8;
const KEY = "soak-client-key-0123456789-abcdefghijklmnop";
const SAMPLE_MS = 1_000;

const upstream = healthyUpstream();
const origin = await listen(upstream);
const root = mkdtempSync(join(tmpdir(), "headgate-soak-"));
const folder = join(root, "providers", "soak");
mkdirSync(folder, { recursive: true });
mkdirSync(join(root, "models"));
mkdirSync(join(root, "fallbacks"));
writeFileSync(
  join(folder, "provider.yaml"),
  `name: Soak
summary: An upstream on this machine.
flag: SOAK
tier: paid
adapter: openai-compatible
base_url:
  default: https://soak.invalid/v1
  env: SOAK_BASE_URL
auth:
  scheme: bearer
  env: SOAK_API_KEY
sources:
  - what: everything
    from: this repository
    date: "2026-12-01"
models:
  - alias: soak-chat
    upstream: soak-chat
    operation: chat
    context_tokens: 131072
    capabilities: [tools]
`,
);
writeFileSync(join(root, "fallbacks", "fallbacks.json"), '{"chains":{"soak-chat":[]}}');
const envFile = join(root, ".env");
writeFileSync(
  envFile,
  `SOAK=1\nSOAK_API_KEY=test-key\nSOAK_BASE_URL=${origin}/v1\nHEADGATE_API_KEY=${KEY}\nHEADGATE_LOG=error\n`,
);

const gateway = await startServe(root, ["--env-file", envFile, "--state-dir", join(root, "state")]);
const pid = gateway.child.pid ?? 0;
const residentBytes = (): number =>
  Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
const descriptors = (): number => readdirSync(`/proc/${pid}/fd`).length;

const chat = JSON.stringify({ model: "soak-chat", messages: [{ role: "user", content: "x".repeat(1_000) }] });
const headers = { authorization: `Bearer ${KEY}`, "content-type": "application/json" };
const post = (path: string, body: string, signal?: AbortSignal): Promise<Response> =>
  fetch(`${gateway.url}${path}`, {
    method: "POST",
    headers,
    body,
    ...(signal === undefined ? {} : { signal }),
  });

let answered = 0;
let lost = 0;
const tookMs: number[] = [];

async function sound(): Promise<void> {
  const startedMs = performance.now();
  const stream = random.chance(0.3);
  try {
    const response = await post("/v1/chat/completions", stream ? chat.replace("{", '{"stream":true,') : chat);
    await response.text();
    if (response.status === 200) answered += 1;
    else lost += 1;
  } catch {
    lost += 1;
  }
  tookMs.push(performance.now() - startedMs);
}

/** Each leaves the gateway with something to clean up. */
const FAULTY: readonly (() => Promise<unknown>)[] = [
  () => post("/v1/chat/completions", chat.slice(0, -9)).then((one) => one.text()),
  () =>
    post("/v1/chat/completions", `{"model":"soak-chat","x":${"[".repeat(100_000)}`).then((one) => one.text()),
  () => post("/v1/chat/completions", chat.replace("soak-chat", "nothing")).then((one) => one.text()),
  () =>
    post("/v1/chat/completions", chat.replace("{", '{"stream":true,'), AbortSignal.timeout(2)).catch(
      () => {},
    ),
  () =>
    new Promise<void>((done) => {
      const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1", () => {
        socket.write(
          `POST /v1/audio/transcriptions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${KEY}\r\n` +
            "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 9000000\r\n\r\n" +
            `--b\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n${"x".repeat(50_000)}`,
          () => {
            socket.resetAndDestroy();
            done();
          },
        );
      });
      socket.on("error", () => done());
    }),
];

const samples: { readonly atMs: number; readonly bytes: number }[] = [];
const startedMs = performance.now();
const elapsedMs = (): number => performance.now() - startedMs;
const running = new Set<Promise<unknown>>();
const descriptorsBefore = descriptors();
let sent = 0;
while (elapsedMs() < durationMs) {
  while (sent < (elapsedMs() / 1_000) * rate) {
    sent += 1;
    const work = (random.chance(FAULTS) ? random.pick(FAULTY)() : sound()).catch(() => {});
    running.add(work);
    void work.finally(() => running.delete(work));
  }
  if ((samples.at(-1)?.atMs ?? 0) + SAMPLE_MS < elapsedMs())
    samples.push({ atMs: elapsedMs(), bytes: residentBytes() });
  await new Promise((done) => setTimeout(done, 5));
}
await Promise.all(running);
// The gateway keeps a client's idle connection for 75 s.
await new Promise((done) => setTimeout(done, 80_000));
const descriptorsLeft = descriptors() - descriptorsBefore;

const median = (list: readonly number[]): number =>
  list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;
const between = (from: number, to: number): number =>
  median(
    samples
      .filter(({ atMs }) => atMs >= durationMs * from && atMs < durationMs * to)
      .map(({ bytes }) => bytes),
  );
const middle = between(0.45, 0.6);
const last = between(0.85, 1);
const growth = last / middle - 1;
const p99 = tookMs.toSorted((a, b) => a - b)[Math.floor(tookMs.length * 0.99)] ?? 0;
const mb = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(0)} MiB`;
const problems = [
  ...(growth > MAX_GROWTH ? [`memory grew by ${(growth * 100).toFixed(1)} % in the second half`] : []),
  ...(descriptorsLeft > MAX_DESCRIPTORS_LEFT ? [`${descriptorsLeft} descriptors are left`] : []),
  ...(lost > 0 ? [`${lost} sound requests got no answer`] : []),
];
gateway.child.kill("SIGTERM");
const code = await gateway.exited;
if (code !== 0) problems.push(`it ended with ${code}`);
await close(upstream);
rmSync(root, { recursive: true, force: true });
console.log(
  `${sent} requests in ${(durationMs / 60_000).toFixed(1)} min, ${answered} answered; p50 ${median(tookMs).toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, longest ${Math.max(...tookMs).toFixed(0)} ms; ` +
    `memory ${mb(middle)} in the middle, ${mb(last)} at the end (${(growth * 100).toFixed(1)} %); ${descriptorsLeft} descriptors more than before`,
);
for (const problem of problems) console.log(`MISSED: ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
