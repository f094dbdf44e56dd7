import { once } from "node:events";
import { createServer } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type LocalReply, startLab, startOllama } from "@headgate/upstream-lab";
import { describe, expect, it } from "vitest";
import { failsAs, fakeMachine, GIB, never } from "../testing/local-machine.ts";
import { ollamaDriver } from "./ollama.ts";
import { type PullProgress, pullOllamaModel } from "./ollama-pull.ts";

async function all(steps: AsyncIterable<PullProgress>): Promise<PullProgress[]> {
  const seen: PullProgress[] = [];
  for await (const step of steps) seen.push(step);
  return seen;
}

async function withFake(
  test: (
    pull: (model: string, signal?: AbortSignal) => AsyncGenerator<PullProgress>,
    say: (...chunks: Buffer[]) => void,
  ) => Promise<void>,
): Promise<void> {
  const { machine, options } = fakeMachine();
  await using fake = await startOllama({ machine, models: { "m:1b": { bytes: GIB } } });
  const say = (...chunks: Buffer[]) => fake.interfere((): LocalReply => ({ status: 200, chunks }));
  await test((model, signal = never) => ollamaDriver(options(fake)).pull(model, signal), say);
}

describe("pulling a model", () => {
  it("tells how far it has come", () =>
    withFake(async (pull) => {
      expect(await all(pull("m:1b"))).toEqual([
        { status: "pulling manifest", completed: undefined, total: undefined },
        { status: "pulling 000000000000", completed: undefined, total: GIB },
        { status: "pulling 000000000000", completed: GIB / 2, total: GIB },
        { status: "pulling 000000000000", completed: GIB, total: GIB },
        { status: "verifying sha256 digest", completed: undefined, total: undefined },
        { status: "writing manifest", completed: undefined, total: undefined },
        { status: "success", completed: undefined, total: undefined },
      ]);
    }));

  it("says so when there is no such model, after what it had to tell", () =>
    withFake(async (pull) => {
      const steps = pull("no/such");
      expect((await steps.next()).value).toMatchObject({ status: "pulling manifest" });
      await failsAs(steps.next(), "missing", /pull no\/such: pull model manifest: file does not exist/);
    }));

  it("reads lines wherever they are cut, the last one without its end too", () =>
    withFake(async (pull, say) => {
      const lines = Buffer.from('{"status":"prüfe"}\r\n\n{"status":"success"}');
      say(...Array.from(lines, (byte) => Buffer.from([byte])));
      expect((await all(pull("m:1b"))).map(({ status }) => status)).toEqual(["prüfe", "success"]);
    }));

  it.each<[string, Buffer, RegExp]>([
    ["ends too early", Buffer.from('{"status":"pulling manifest"}\n'), /ended before the download did/],
    ["ends at once", Buffer.alloc(0), /ended before the download did/],
    ["says something else", Buffer.from("<html>\n"), /not progress/],
    ["says a line without end", Buffer.alloc(100_000, 97), /does not end/],
    [
      "fails in the middle",
      Buffer.from('{"status":"a"}\n{"error":"max retries exceeded"}\n'),
      /max retries exceeded/,
    ],
  ])("fails when the answer %s", (_, bytes, why) =>
    withFake(async (pull, say) => {
      say(bytes);
      await failsAs(all(pull("m:1b")), "failed", why);
    }),
  );

  it("holds a fast backend up instead of keeping all it says", () =>
    withFake(async (pull, say) => {
      const line = Buffer.from('{"status":"pulling"}\n');
      say(...Array.from({ length: 500 }, () => line), Buffer.from('{"status":"success"}\n'));
      const steps = pull("m:1b");
      await steps.next();
      // So long nothing is read that what came is more than is kept.
      for (let turn = 0; turn < 200; turn += 1) await nextTurn();
      expect(await all(steps)).toHaveLength(500);
    }));

  it("breaks the download off when nobody reads on", async () => {
    const server = createServer((_, response) => void response.write('{"status":"pulling manifest"}\n'));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const steps = pullOllamaModel({ backend: "local", baseUrl: `http://127.0.0.1:${port}` }, "m", never);
    for await (const step of steps) {
      expect(step.status).toBe("pulling manifest");
      break;
    }
    // Resolves only when no connection is open.
    const closed = once(server, "close");
    server.close();
    await closed;
  });

  it("ends when it is told to, and when nobody reads on", () =>
    withFake(async (pull) => {
      const leaving = new AbortController();
      const steps = pull("m:1b", leaving.signal);
      await steps.next();
      leaving.abort(new Error("left"));
      await expect(all(steps)).rejects.toThrow("left");
      for await (const step of pull("m:1b")) {
        expect(step.status).toBe("pulling manifest");
        break;
      }
    }));

  it("does not wait for ever on a backend that says nothing", async () => {
    await using lab = await startLab();
    const target = { backend: "local", baseUrl: await lab.blackHole(), silenceMs: 50 };
    await failsAs(all(pullOllamaModel(target, "m", never)), "unreachable", /no answer within 50 ms/);
  });
});
