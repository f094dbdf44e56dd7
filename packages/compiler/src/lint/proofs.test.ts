import { describe, expect, it } from "vitest";
import { CEREBRAS, compiled, edited, FIXTURE, type Files, GROQ } from "../testing/fixture.ts";

const FILE = "providers/groq/fixtures/exchanges.json";
const OTHER = "providers/cerebras/fixtures/exchanges.json";
const DIALECTS = "providers/dialects.yaml";
const HI = [{ role: "user", content: "Hi" }];

const request = (model: string, proves?: readonly string[]) => ({
  why: "Refused.",
  ...(proves === undefined ? {} : { proves }),
  asked: { model, messages: HI, logprobs: true },
  sent: { model, messages: HI },
  dropped: ["logprobs"],
});
const answer = (status: number, body: unknown, verdict: string) => ({
  basis: "documented",
  status,
  body,
  class: verdict,
});
const withGroq = (yaml: string, files: Readonly<Record<string, unknown>>): Files => ({
  ...edited(GROQ, "limits_page:", `${yaml}\nlimits_page:`),
  ...Object.fromEntries(
    Object.entries(files).map(([path, file]) => [
      path,
      typeof file === "string" ? file : JSON.stringify(file, null, 2),
    ]),
  ),
});

async function found(files: Files): Promise<string[]> {
  const { diagnostics } = await compiled(files);
  return diagnostics.map(
    ({ code, file, span, message, fix }) =>
      `${code} ${file}:${span?.start.line ?? 0} ${message} ${fix ?? ""}`,
  );
}

const RULES = `errors:
  - { status: 402, class: out_of_credit, why: Paid plans. }
  - { code: no_such_user, class: rate_limit, why: Free plans. }
  - { contains: Try later, class: overloaded, why: Seen. }`;
const PROVEN = [
  answer(402, { error: "Pay" }, "out_of_credit"),
  answer(401, { error: { type: "no_such_user", message: "x" } }, "rate_limit"),
  answer(200, "please TRY LATER", "overloaded"),
];

describe("error rules", () => {
  it("are proven by an answer that each is the first to match", async () => {
    expect(await found(withGroq(RULES, { [FILE]: { errors: PROVEN } }))).toEqual([]);
  });

  it("without one are named, with the place and the file to write", async () => {
    const shadowed = answer(402, { error: { code: "no_such_user" } }, "out_of_credit");
    const [first, ...others] = PROVEN;
    expect(
      await found(withGroq(RULES, { [FILE]: { errors: [first, shadowed, ...others.slice(1)] } })),
    ).toEqual([
      `HG370 ${GROQ}:10 No exchange shows an answer that this rule is the first to match. Add one to \`errors\` in ${FILE}.`,
    ]);
  });

  it("that make another class of an answer are named beside it", async () => {
    const errors = [answer(402, { error: "Pay" }, "dead_key"), ...PROVEN];
    expect(await found(withGroq(RULES, { [FILE]: { errors } }))).toEqual([
      `HG372 ${FILE}:9 The fragment's rule makes this \`out_of_credit\`, and the exchange says \`dead_key\`. Correct the class, or the order of the fragment's rules.`,
    ]);
  });
});

describe("rules of a dialect", () => {
  it("are proven by a request of the provider that says so", async () => {
    const dialect = "dialect: { drop: [logprobs], chat_path: /chat }";
    expect(await found(withGroq(dialect, { [FILE]: { requests: [request("m", ["drop"])] } }))).toEqual([]);
    expect(await found(withGroq(dialect, { [OTHER]: { requests: [request("m", ["drop"])] } }))).toEqual([
      `HG371 ${GROQ}:8 No exchange proves the rule \`drop\` of groq. Add a request that is sent otherwise without it, with \`proves: [drop]\`, to ${FILE}.`,
    ]);
  });

  it("for some models are proven by a request to one of them", async () => {
    const dialect = "model_dialects: [{ match: [gpt-*], except: [gpt-5*], dialect: { drop: [logprobs] } }]";
    const ask = (model: string) => ({ [FILE]: { requests: [request(model, ["drop"])] } });
    expect(await found(withGroq(dialect, ask("gpt-4")))).toEqual([]);
    expect(await found(withGroq(dialect, ask("gpt-5-pro")))).toEqual([
      expect.stringMatching(/^HG371 .* the rule `drop` of groq, gpt-\*\./),
    ]);
  });

  it("of a profile are proven by any provider that is like it", async () => {
    const files = (text: string, exchanges: unknown): Files => ({
      ...withGroq("dialect: { like: strict }", { [FILE]: exchanges }),
      [CEREBRAS]: FIXTURE[CEREBRAS].replace("auth:", "dialect: { like: strict }\nauth:"),
      [OTHER]: JSON.stringify({ requests: [request("m", ["drop"])] }),
      [DIALECTS]: text,
    });
    const profile = "profiles:\n  basic:\n    drop: [logprobs]\n  strict:\n    like: basic\n";
    expect(await found(files(profile, { requests: [request("m")] }))).toEqual([]);
    expect(await found(files(`${profile}    rename: { a: b }\n`, { requests: [request("m")] }))).toEqual([
      expect.stringMatching(
        /^HG371 providers\/dialects\.yaml:6 .*`rename` of profile strict\. .*groq.*cerebras|cerebras.*groq/,
      ),
    ]);
    expect(await found(files(`${profile}  lonely:\n    drop: [n]\n`, { requests: [request("m")] }))).toEqual([
      expect.stringContaining("Nothing is like the profile lonely"),
    ]);
    // What a profile says is proven elsewhere, and still each provider shows one request.
    expect(await found(files(profile, { errors: [PROVEN[0]] }))).toEqual([
      expect.stringMatching(/^HG371 .*groq.* no exchange shows a request to it\./),
    ]);
  });
});

describe("exchanges", () => {
  it("have a form, which is judged where they are", async () => {
    const bad = { requests: [{ ...request("m", ["dorp"]), sents: {} }] };
    expect(await found(withGroq("dialect: { drop: [logprobs] }", { [FILE]: bad }))).toEqual([
      expect.stringMatching(/^HG204 providers\/groq\/fixtures\/exchanges\.json:6 .*Did you mean `drop`\?/),
      expect.stringMatching(/^HG201 .*exchanges\.json:\d+ `sents` is not a key .*Did you mean `sent`\?/),
    ]);
  });

  it("stand in one file of their folder", async () => {
    expect(await found({ ...FIXTURE, "providers/groq/fixtures/exchange.json": "{}" })).toEqual([
      expect.stringMatching(
        /^HG122 providers\/groq\/fixtures\/exchange\.json:0 .*fixtures\/ holds exchanges\.json/,
      ),
    ]);
  });

  it("are not asked of an overlay, and not of a catalogue without any", async () => {
    const overlay = "overlay/providers/groq/provider.yaml";
    const change = "errors: [{ status: 499, class: network, why: Mine. }]\ndialect: { drop: [n] }\n";
    expect(
      await found({ ...FIXTURE, [OTHER]: JSON.stringify({ errors: [PROVEN[0]] }), [overlay]: change }),
    ).toEqual([]);
    expect(await found(withGroq(RULES, {}))).toEqual([]);
  });
});
