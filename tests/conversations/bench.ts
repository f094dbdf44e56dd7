/** A real gateway in front of the strict twins, and what one request through it shows. */
import { startLab, strictTwins, type TwinId } from "@headgate/upstream-lab";
import { startGateway, type TestGateway } from "../support/gateway.ts";
import type { SurfaceId } from "../support/matrix-surfaces.ts";
import type { Conversation, Heard } from "./conversation.ts";
import { comparable } from "./exact.ts";
import { list, object, text } from "./reading.ts";
import { WRITERS } from "./surfaces.ts";
import { capabilitiesOf, type Target, twinTable } from "./targets.ts";

/** What the model says: its calls by the position of the declared tool. */
export interface Saying {
  readonly text: string;
  readonly reasoning: string;
  /** Thinking that the provider gives sealed alone. */
  readonly hidden?: boolean;
  readonly calls: readonly { readonly tool: number; readonly arguments: string }[];
}

export interface Outcome {
  /** Undefined where the answer could not be read. */
  readonly heard: Heard | undefined;
  /** What went wrong, in a sentence each; empty when the conversation was accepted and came back whole. */
  readonly problems: readonly string[];
}

export interface Bench extends AsyncDisposable {
  readonly gateway: TestGateway;
  /** Sets what every model says from now on. */
  say(saying: Saying): void;
  /** The rules that requests broke since the last call, each in a sentence. */
  refusals(): readonly string[];
  /** The body of the last request to a provider. */
  sent(): string;
  /** The gateway's own item for a conversation, or why there is none. */
  compact(
    conversation: Conversation,
    target: Target,
  ): Promise<{ readonly item?: unknown; readonly problem?: string }>;
  ask(
    surface: SurfaceId,
    conversation: Conversation,
    target: Target,
    stream: boolean,
    saying: Saying,
  ): Promise<Outcome | undefined>;
  capabilities(target: Target): readonly string[];
}

/** Words of `x-headgate-dropped-params` that name what is left out. */
const NAMED = { reasoning: /reason|think|thought/i, image: /image|media|vision/i, text: /^$/ } as const;

/** What a provider has no form for: Headgate says so by name, and the conversation goes to another candidate. */
const NO_FORM: readonly { readonly twin: TwinId; readonly says: RegExp }[] = [
  { twin: "ollama", says: /Ollama cannot be made to call a tool/ },
];

/** What only the provider can tell, such as its own signature: the gateway asks once more without it. */
const ONLY_THEIRS: ReadonlySet<string> = new Set(["anthropic-10"]);

/** Requests that the lab keeps before it forgets them. */
const KEPT = 200;

export async function startBench(): Promise<Bench> {
  const lab = await startLab();
  let saying: Saying = { text: "", reasoning: "", calls: [] };
  const twins = strictTwins({ answer: ({ body }) => spoken(saying, namesIn(body)) });
  lab.behave("*", twins.behaviour);
  const table = await twinTable(lab.url);
  const gateway = await startGateway([], { table, logLevel: "error" });

  const ask: Bench["ask"] = async (surface, conversation, target, stream, said) => {
    const request = WRITERS[surface].write(conversation, target.alias, stream);
    if (request === undefined) return undefined;
    if (lab.requests.length > KEPT) {
      await lab.idle();
      lab.reset();
      lab.behave("*", twins.behaviour);
    }
    saying = said;
    twins.refusals.length = 0;
    // A cooldown after a refusal must not hide the next one.
    gateway.clock.nowMs += 3_600_000;
    const before = lab.requests.length;
    const response = await gateway.fetch(request.path, {
      method: "POST",
      body: JSON.stringify(request.body),
      headers: { "anthropic-version": "2023-06-01" },
    });
    const raw = await response.text();
    const refused = twins.refusals
      .filter(({ rule }) => !response.ok || !ONLY_THEIRS.has(rule))
      .map(({ twin, rule, at }) => `${twin} refuses it: ${rule} at ${at}`);
    if (!response.ok) {
      if (NO_FORM.some(({ twin, says }) => twin === target.twin && says.test(raw))) return undefined;
      const told = refused.length > 0 ? refused : [`${response.status}: ${raw.slice(0, 300)}`];
      return { heard: undefined, problems: told };
    }
    const dropped = response.headers.get("x-headgate-dropped-params") ?? "";
    const sent = lab.requests.slice(before).at(-1)?.rawBody.toString() ?? "";
    const heard = read(surface, raw, stream);
    if (typeof heard === "string") return { heard: undefined, problems: [...refused, heard] };
    const problems = [
      ...refused,
      ...lost(conversation, sent, dropped),
      ...misheard(conversation, said, heard, target),
    ];
    return { heard, problems };
  };

  const refusals = (): readonly string[] =>
    twins.refusals.splice(0).map(({ twin, rule, at }) => `${twin} refuses it: ${rule} at ${at}`);

  return {
    gateway,
    ask,
    refusals,
    say: (next) => {
      saying = next;
    },
    sent: () => lab.requests.at(-1)?.rawBody.toString() ?? "",
    capabilities: (target) => capabilitiesOf(table, target),
    async compact(conversation, target) {
      gateway.clock.nowMs += 3_600_000;
      saying = { text: conversation.marks.map(({ word }) => word).join(" "), reasoning: "", calls: [] };
      const request = WRITERS.responses.write(conversation, target.alias, false);
      const { model, input } = request?.body ?? {};
      const response = await gateway.fetch("/v1/responses/compact", {
        method: "POST",
        body: JSON.stringify({ model, input }),
      });
      const raw = await response.text();
      if (!response.ok) return { problem: `${response.status} for a compaction: ${raw.slice(0, 200)}` };
      const item = list(object(JSON.parse(raw)).output).find(({ type }) => type === "compaction");
      return item === undefined ? { problem: "a compaction has no item" } : { item };
    },
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await lab.close();
    },
  };
}

function read(surface: SurfaceId, raw: string, stream: boolean): Heard | string {
  try {
    return WRITERS[surface].read(raw, stream);
  } catch (error) {
    return `the answer cannot be read (${String(error)}): ${raw.slice(0, 200)}`;
  }
}

/** Names of the declared functions, whatever the wire. */
const namesIn = (body: object): readonly string[] =>
  list(object(body).tools).flatMap((tool) => {
    const declared =
      tool.functionDeclarations === undefined
        ? [object(tool.function ?? tool)]
        : list(tool.functionDeclarations);
    return declared.map((one) => text(one.name) || text(tool.name));
  });

function spoken({ text: words, reasoning, hidden, calls }: Saying, names: readonly string[]) {
  return {
    text: pieces(words),
    reasoning: pieces(reasoning),
    hidden,
    toolCalls: calls.map(({ tool, arguments: args }) => ({
      name: names[tool] ?? `tool ${tool}`,
      arguments: halves(args),
    })),
    finish: calls.length > 0 ? "tool_calls" : "stop",
  };
}

const pieces = (words: string): string[] => words.match(/\s*\S+\s*$|\s*\S+/g) ?? [];
const halves = (words: string): string[] =>
  words.length < 2 ? [words] : [words.slice(0, words.length >> 1), words.slice(words.length >> 1)];

/** Words of the conversation that did not reach the provider, and are not named. */
function lost({ marks }: Conversation, sent: string, dropped: string): string[] {
  const missing = marks.filter(({ word, kind }) => !sent.includes(word) && !NAMED[kind].test(dropped));
  return [
    ...new Set(missing.map(({ word, kind }) => `lost and not named: ${kind} ${word.replace(/\d.*/, "")}`)),
  ];
}

function misheard(conversation: Conversation, said: Saying, heard: Heard, { twin }: Target): string[] {
  const problems: string[] = [];
  const expect = (what: string, got: string, wanted: string): void => {
    if (got !== wanted)
      problems.push(
        `${what} came as ${JSON.stringify(got).slice(0, 120)}, not ${JSON.stringify(wanted).slice(0, 120)}`,
      );
  };
  expect("the text", heard.text, said.text);
  // A surface shows reasoning where it was asked for, and OpenAI's chat completions contain none.
  if (heard.reasoning !== "" || (conversation.effort !== undefined && twin !== "openai")) {
    expect("the reasoning", heard.reasoning, said.reasoning);
  }
  const wanted = said.calls
    .map(({ tool, arguments: args }) => `${conversation.tools[tool]?.name} ${comparable(args)}`)
    .join("; ");
  const got = heard.calls.map(({ name, arguments: args }) => `${name} ${comparable(args)}`).join("; ");
  if (got !== wanted && rounded(got) === rounded(wanted))
    problems.push("a long integer of a call lost its digits");
  else expect("the calls", got, wanted);
  if (!heard.whole) problems.push("the answer did not end as this surface's answers do");
  return problems;
}

/** Long integers as a double holds them. */
const rounded = (text: string): string => text.replace(/\d{16,}/g, (digits) => String(Number(digits)));
