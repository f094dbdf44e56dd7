import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { finishedWav, samplesOf, speechJob, voicesOf } from "./speech.ts";

const jobOf = (body: unknown) => {
  const read = speechJob(body);
  if ("refused" in read) throw new Error(read.refused.message);
  return read.job;
};
const refusedParam = (body: unknown): string | undefined => {
  const read = speechJob(body);
  return "refused" in read ? read.refused.param : undefined;
};

describe("a request for speech", () => {
  it("becomes a command line, its text apart from it", () => {
    expect(jobOf({ input: "-v evil; rm", voice: "de+f2", speed: 2 })).toEqual({
      args: ["--stdin", "--stdout", "-b", "1", "-s", "350", "-v", "de+f2"],
      text: "-v evil; rm",
      format: "wav",
    });
    expect(jobOf({ input: "hi", voice: "alloy", response_format: "pcm" })).toMatchObject({
      args: expect.arrayContaining(["en-us"]),
      format: "pcm",
    });
    expect(jobOf({ input: "hi", speed: 0.25 }).args).toContain("80");
  });

  it.each([
    [undefined, "body"],
    [{}, "input"],
    [{ input: " " }, "input"],
    [{ input: "x".repeat(4097) }, "input"],
    [{ input: "hi", voice: "--path=/etc" }, "voice"],
    [{ input: "hi", voice: "../mb/x" }, "voice"],
    [{ input: "hi", voice: 7 }, "voice"],
    [{ input: "hi", speed: 5 }, "speed"],
    [{ input: "hi", speed: Number.NaN }, "speed"],
    [{ input: "hi", response_format: "mp3" }, "response_format"],
  ])("%j is refused for its %s", (body, param) => {
    expect(refusedParam(body)).toBe(param);
  });

  it("never puts anything into the command line that could be another option", () => {
    fc.assert(
      fc.property(fc.record({ input: fc.string(), voice: fc.string(), speed: fc.double() }), (body) => {
        const read = speechJob(body);
        if ("refused" in read) return;
        const voice = read.job.args.at(-1) ?? "";
        expect(voice).toMatch(/^[A-Za-z]/);
        expect(read.job.args).toHaveLength(8);
      }),
    );
  });
});

describe("a sound", () => {
  const wav = (data: Buffer): Buffer => {
    const header = Buffer.alloc(44);
    header.write("RIFF", 0, "latin1");
    header.writeUInt32LE(0x7ffff024, 4);
    header.write("WAVEfmt ", 8, "latin1");
    header.write("data", 36, "latin1");
    header.writeUInt32LE(0x7ffff000, 40);
    return Buffer.concat([header, data]);
  };

  it("gets the lengths that it has", () => {
    const finished = finishedWav(wav(Buffer.from([1, 2, 3, 4])));
    expect(finished?.readUInt32LE(4)).toBe(40);
    expect(finished?.readUInt32LE(40)).toBe(4);
    expect([...samplesOf(finished ?? Buffer.alloc(0))]).toEqual([1, 2, 3, 4]);
  });

  it("is not made of anything else", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(finishedWav(Buffer.from(bytes))).toBeUndefined();
      }),
    );
  });
});

it("voices are read from espeak-ng's own list, each language once", () => {
  expect(
    voicesOf(
      [
        "Pty Language       Age/Gender VoiceName          File                 Other Languages ",
        " 5  af              --/M      Afrikaans          gmw/af               ",
        " 2  en-us           --/M      English_(America)  gmw/en-US            (en 3)",
        " 5  en-us           --/F      Again              gmw/en-US2           ",
        "garbage",
      ].join("\n"),
    ),
  ).toEqual([
    { voice: "af", model: "espeak-ng", default: false, name: "Afrikaans" },
    { voice: "en-us", model: "espeak-ng", default: true, name: "English (America)" },
  ]);
});
