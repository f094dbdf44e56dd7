/** Real speech through the whole gateway: espeak-ng where it is installed. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import OpenAI from "openai";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PROGRAM } from "./support/program.ts";

const installed = (process.env.PATH ?? "").split(delimiter).some((folder) => {
  try {
    return readdirSync(folder).includes("espeak-ng");
  } catch {
    return false;
  }
});
if (!installed) console.warn("espeak-ng is not installed: its tests are skipped (apt-get install espeak-ng)");

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

const ENV = { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "" };

interface Served {
  readonly child: ChildProcess;
  readonly url: string;
  /** Its stderr until the backend was ready. */
  readonly logged: string;
}

/** Starts a gateway over a root, and resolves when it and its backend are ready. */
async function serve(root: string): Promise<Served> {
  const child = spawn(process.execPath, [PROGRAM, "serve", "--root", root, "--port", "0"], {
    env: ENV,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let logged = "";
  let out = "";
  await new Promise<void>((up, down) => {
    const look = (): void => {
      if (/http:\S+/.test(out) && /espeak: (up|runs already) at/.test(logged)) up();
    };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      out += text;
      look();
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      logged += text;
      look();
    });
    child.once("exit", (code) => down(new Error(`it ended with ${code}: ${logged}`)));
  });
  return { child, url: /http:\/\/[0-9.]+:\d+/.exec(out)?.[0] ?? "", logged };
}

async function end({ child }: Served, signal: NodeJS.Signals): Promise<void> {
  const gone = new Promise((resolve) => child.once("exit", resolve));
  child.kill(signal);
  await gone;
}

async function makeRoot(): Promise<{ root: string; port: number }> {
  const root = mkdtempSync(join(tmpdir(), "headgate-espeak-"));
  for (const part of ["providers", "models", "fallbacks"])
    cpSync(part, join(root, part), { recursive: true });
  const port = await freePort();
  writeFileSync(
    join(root, ".env"),
    `ESPEAK=1\nESPEAK_BRING_UP=process\nESPEAK_BASE_URL=http://127.0.0.1:${port}/v1\n`,
  );
  return { root, port };
}

describe.skipIf(!installed)("speech by espeak-ng, started by headgate serve", () => {
  let root: string;
  let port: number;
  let served: Served;
  let client: OpenAI;
  let key: string;

  beforeAll(async () => {
    ({ root, port } = await makeRoot());
    served = await serve(root);
    key = execFileSync(process.execPath, [PROGRAM, "key", "--root", root], {
      env: ENV,
      encoding: "utf8",
    }).trim();
    client = new OpenAI({ baseURL: `${served.url}/v1`, apiKey: key, maxRetries: 0 });
  });
  afterAll(async () => {
    await end(served, "SIGTERM");
    // The backend ends with the gateway.
    await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow();
    rmSync(root, { recursive: true, force: true });
  });

  const speak = async (input: string, more: Record<string, unknown> = {}): Promise<Buffer> => {
    const answer = await client.audio.speech.create({
      model: "local-espeak",
      input,
      voice: "alloy",
      ...more,
    });
    return Buffer.from(await answer.arrayBuffer());
  };

  it("is a sound with its true length in the header, longer for more words and shorter at speed", async () => {
    const short = await speak("Hello.");
    expect(short.toString("latin1", 0, 4)).toBe("RIFF");
    expect(short.readUInt32LE(4)).toBe(short.length - 8);
    const long = await speak("Hello, this is a longer sentence about water and gates.");
    expect(long.length).toBeGreaterThan(2 * short.length);
    const quick = await speak("Hello, this is a longer sentence about water and gates.", { speed: 2 });
    expect(quick.length).toBeLessThan(0.8 * long.length);
  });

  it("is available as raw samples, and in other languages", async () => {
    const wav = await speak("Guten Tag.", { voice: "de" });
    const pcm = await speak("Guten Tag.", { voice: "de", response_format: "pcm" });
    expect(pcm.equals(wav.subarray(44))).toBe(true);
  });

  it("refuses unsupported options by name", async () => {
    await expect(speak("Hi.", { response_format: "mp3" })).rejects.toThrow(/gives wav and pcm, not "mp3"/);
    await expect(speak("Hi.", { voice: "unknown" })).rejects.toThrow(/voice/);
  });

  it("lists its voices through the gateway", async () => {
    const answer = await fetch(`${served.url}/v1/audio/voices`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const { voices } = (await answer.json()) as { voices: { voice: string; model: string }[] };
    expect(voices.length).toBeGreaterThan(20);
    expect(voices.find(({ voice }) => voice === "de")).toMatchObject({
      model: "local-espeak",
      provider: "espeak",
    });
  });
});

it.skipIf(!installed)(
  "a backend that outlives a killed gateway is ended by the next, which starts its own",
  async () => {
    const { root, port } = await makeRoot();
    const healthy = (): Promise<boolean> =>
      fetch(`http://127.0.0.1:${port}/health`).then(
        ({ ok }) => ok,
        () => false,
      );
    const first = await serve(root);
    await end(first, "SIGKILL");
    expect(await healthy()).toBe(true);
    const second = await serve(root);
    expect(second.logged).toContain("espeak: up at");
    expect(second.logged).not.toContain("runs already");
    await end(second, "SIGTERM");
    expect(await healthy()).toBe(false);
    rmSync(root, { recursive: true, force: true });
  },
);
