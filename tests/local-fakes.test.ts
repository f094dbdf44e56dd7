/** The fakes of local backends work with the official clients. */
import {
  FakeMachine,
  startLlamacpp,
  startOllama,
  startSdcpp,
  startTalkies,
  wav,
} from "@headgate/upstream-lab";
import { Ollama } from "ollama";
import OpenAI, { toFile } from "openai";
import { describe, expect, it } from "vitest";

const GIB = 2 ** 30;
const machine = () => new FakeMachine({ devices: { cpu: 32 * GIB, "cuda:0": 8 * GIB } });
const openai = (url: string) => new OpenAI({ baseURL: `${url}/v1`, apiKey: "none", maxRetries: 0 });
const messages = [{ role: "user" as const, content: "hi" }];

describe("a fake local backend", () => {
  it("works with Ollama's client", async () => {
    const models = { "m:1b": { bytes: GIB }, "bge-m3": { bytes: GIB, operation: "embedding" as const } };
    await using fake = await startOllama({ machine: machine(), models });
    const ollama = new Ollama({ host: fake.url });
    let text = "";
    for await (const part of await ollama.chat({ model: "m:1b", messages, stream: true }))
      text += part.message.content;
    expect(text).toBe("Hello from m:1b. You said: hi");
    const thinking = await ollama.chat({ model: "m:1b", messages, think: true });
    expect(thinking.message.thinking).toBe("Let me think.");
    expect((await ollama.embed({ model: "bge-m3", input: ["a", "b"] })).embeddings).toHaveLength(2);
    expect((await ollama.ps()).models.map(({ name, size_vram }) => [name, size_vram])).toEqual([
      ["m:1b", GIB],
      ["bge-m3:latest", GIB],
    ]);
    const steps: string[] = [];
    for await (const step of await ollama.pull({ model: "m:1b", stream: true })) steps.push(step.status);
    expect(steps.at(-1)).toBe("success");
    await ollama.generate({ model: "m:1b", prompt: "", keep_alive: 0 });
    expect((await ollama.ps()).models).toHaveLength(1);
    await expect(ollama.chat({ model: "none", messages })).rejects.toThrow("model 'none' not found");
  });

  it("serves speech, transcription, images and chat to OpenAI's client", async () => {
    const shared = machine();
    const speaking = { kokoro: { bytes: GIB, operation: "speech" as const }, whisper: { bytes: GIB } };
    await using talkies = await startTalkies({ machine: shared, models: speaking });
    await using sdcpp = await startSdcpp({ machine: shared, models: { turbo: { bytes: GIB } } });
    await using llamacpp = await startLlamacpp({ machine: shared, models: { "m:1b": { bytes: GIB } } });

    const speech = await openai(talkies.url).audio.speech.create({
      model: "kokoro",
      input: "hello",
      voice: "af_heart",
      response_format: "wav",
    });
    expect(Buffer.from(await speech.arrayBuffer()).toString("latin1", 0, 4)).toBe("RIFF");

    const file = await toFile(wav(Buffer.alloc(48_000), 1), "talk.wav");
    const transcript = await openai(talkies.url).audio.transcriptions.create({
      model: "whisper",
      file,
      response_format: "verbose_json",
    });
    expect(transcript).toMatchObject({ duration: 1, segments: [{ end: 0.5 }, { end: 1 }] });

    const drawn = await openai(sdcpp.url).images.generate({
      model: "turbo",
      prompt: "a cat",
      size: "256x256",
    });
    expect(Buffer.from(drawn.data?.[0]?.b64_json ?? "", "base64").toString("latin1", 1, 4)).toBe("PNG");

    const stream = await openai(llamacpp.url).chat.completions.create({
      model: "m:1b",
      messages,
      stream: true,
    });
    let text = "";
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
    expect(text).toBe("Hello from m:1b. You said: hi");
    expect(shared.overcommits).toEqual([]);
  });
});
