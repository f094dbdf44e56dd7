/** The gateway of the clients' checks: one model for each wire behind its strict twin, and one for each fault of it. */
import { readOptions } from "@headgate/contract";
import { createGateway, createLog, type Gateway } from "@headgate/runtime";
import {
  type AnswerOptions,
  type Behaviour,
  behaviour,
  type Lab,
  type LabRequest,
  type StrictTwins,
  startLab,
  status,
  strictTwins,
  type TwinId,
  twinUrl,
} from "@headgate/upstream-lab";
import { CLIENT_KEY, type ProviderSketch, tableOf } from "../support/gateway.ts";

/** Each wire, and the twin that stands for it. */
export const WIRES: Readonly<
  Record<string, { readonly twin: TwinId; readonly adapter: string; readonly model: string }>
> = {
  openai: { twin: "openai", adapter: "openai-compatible", model: "gpt-4o" },
  anthropic: { twin: "anthropic", adapter: "anthropic", model: "claude-sonnet-4-5" },
  gemini: { twin: "gemini", adapter: "gemini", model: "gemini-2.5-flash" },
  ollama: { twin: "ollama", adapter: "ollama", model: "llama3.3" },
  cohere: { twin: "cohere", adapter: "cohere", model: "command-a-03-2025" },
};

/** The endings of the models whose provider fails. */
const ENDINGS = ["-429", "-503", "-long", "-cut"] as const;
const WEATHER = ['{"city":"Paris",', '"degrees":21}'];

/** What the model says: the weather where a schema asks for it, by the tool that has the schema or as text. */
function answer({ body }: LabRequest): AnswerOptions {
  const text = JSON.stringify(body);
  const results = /"role":"tool"|"tool_result"|"functionResponse"/.test(text);
  const asked = text.includes("degrees");
  const name = /"name":"(\w+)"/.exec(JSON.stringify(body.tools ?? []))?.[1];
  if (asked) return name === undefined ? { text: WEATHER } : { toolCalls: [{ name, arguments: WEATHER }] };
  if (name === undefined || results) return { text: ["Hello", " there."] };
  return { toolCalls: [{ name, arguments: ['{"city":', '"Paris"}'] }] };
}

export interface Setup extends AsyncDisposable {
  readonly url: string;
  readonly key: string;
  /** Rules of the twins that requests broke. */
  readonly refusals: readonly { readonly twin: string; readonly rule: string; readonly at: string }[];
}

export async function startSetup(): Promise<Setup> {
  const lab: Lab = await startLab();
  const twins = strictTwins({ answer });
  lab.behave("*", twins.behaviour);
  for (const { model } of Object.values(WIRES)) {
    lab.behave(`${model}-429`, onceEach(status(429, { retryAfterMs: 200 }), twins));
    lab.behave(`${model}-503`, onceEach(status(503), twins));
    lab.behave(
      `${model}-long`,
      status(400, {
        message: "This model's maximum prompt length is 8000 but the request contains 9000 tokens.",
      }),
    );
    lab.behave(`${model}-cut`, cutAfterFirst(twins.behaviour));
  }
  const table = tableOf(Object.entries(WIRES).map(([wire, one]) => providerOf(lab, wire, one)));
  const keys = table.providers.flatMap(({ keyVars }) => keyVars);
  const secrets = Object.fromEntries(keys.map((name) => [name, "upstream-key-of-the-lab"]));
  const { options } = readOptions({ HEADGATE_PORT: "0", HEADGATE_PROBES: "off" });
  const gateway: Gateway = await createGateway({
    options,
    clientKey: CLIENT_KEY,
    table,
    secrets,
    log: createLog("error", (line) => process.stderr.write(`${line}\n`)),
    version: "clients",
  });
  const { url } = await gateway.listen();
  return {
    url,
    key: CLIENT_KEY,
    refusals: twins.refusals,
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await lab.close();
    },
  };
}

/** A structured answer of Gemini before version 3 cannot stand beside tools, as of the real one. */
const providerOf = (
  lab: Lab,
  wire: string,
  { twin, adapter, model }: (typeof WIRES)[string],
): ProviderSketch => ({
  id: wire,
  adapter,
  baseUrl: twinUrl(lab.url, twin),
  ...(wire === "anthropic" ? { auth: { scheme: "header", header: "x-api-key" } } : {}),
  ...(wire === "gemini" ? { auth: { scheme: "header", header: "x-goog-api-key" } } : {}),
  models: ["", ...ENDINGS].map((ending) => ({ alias: `${wire}${ending}`, upstream: `${model}${ending}` })),
});

/** Resets the connection behind the first piece of the answer. */
function cutAfterFirst(inner: Behaviour): Behaviour {
  return behaviour("cutAfterFirst", async function* (request) {
    for await (const step of inner.plan(request)) {
      yield step;
      if (step.kind === "bytes" && /Hello|Paris/.test(step.bytes.toString("utf8"))) {
        yield { kind: "reset" };
        return;
      }
    }
  });
}

/**
 * Fails each conversation once: agents send several at the same time. After a refusal the gateway asks again without the field
 * that was refused, which is no new conversation.
 */
function onceEach(fault: Behaviour, { behaviour: otherwise, refusals }: StrictTwins): Behaviour {
  const seen = new Set<string>();
  return behaviour("onceEach", async function* (request) {
    const { messages, contents } = request.body;
    const said = JSON.stringify(messages ?? contents);
    const first = !seen.delete(said);
    if (first) seen.add(said);
    const before = refusals.length;
    yield* (first ? fault : otherwise).plan(request);
    if (refusals.length > before) seen.add(said);
  });
}
