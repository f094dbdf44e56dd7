/**
 * One seeded history of a provider that renames, retires, adds and re-prices models, narrows windows, and refuses new fields,
 * while clients use it; and what `headgate models refresh` and `headgate facts verify` make of it.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import {
  behaviour,
  type HostedModel,
  type HostFormId,
  type Lab,
  type ModelHost,
  modelHost,
  startLab,
} from "@headgate/upstream-lab";
import { parse, stringify } from "yaml";
import { type Dice, dice } from "../conversations/random.ts";
import { commandHere } from "../support/serve.ts";

export interface HistoryResult {
  readonly seed: number;
  readonly form: HostFormId;
  /** What the provider changed, as far as it states it anywhere. */
  readonly changes: readonly string[];
  /** Of these: what no command proposed. */
  readonly missed: readonly string[];
  /** Edits that are not what the provider has. */
  readonly wrong: readonly string[];
  /** Parts of the key, and personal data, in outputs and files. */
  readonly leaks: readonly string[];
  /** How many outputs and files there were. */
  readonly outputs: number;
}

const FORMS: readonly HostFormId[] = ["openrouter", "together", "deepinfra", "groq", "sambanova", "openai"];
const PRICED: ReadonlySet<HostFormId> = new Set(["openrouter", "together", "deepinfra", "sambanova"]);
/** Whose price tells free models from paid ones: a free provider's new models with a price are left out, by name. */
const PER_TOKEN: ReadonlySet<HostFormId> = new Set(["openrouter", "sambanova"]);
const KEY = "sk-drift-Q7w8E9r0T1y2U3i4";
const FIELDS = ["seed", "user", "stop", "top_p"] as const;

/** What an error says besides: the key in some form, or who sent the request. */
const REMARKS: readonly string[] = [
  `(key ${KEY})`,
  `(base64 ${Buffer.from(KEY).toString("base64")}, hex ${Buffer.from(KEY).toString("hex")})`,
  `(key ${KEY.slice(0, 12)}****${KEY.slice(-6)})`,
  `(key ${KEY.replaceAll(/(.{5})/g, "$1 ")})`,
  `(key ${[...KEY].reverse().join("")})`,
  "(organization 'Roe Holdings', user jane.roe@example.org)",
  "(sent from 203.0.113.77 by account org-aB3dE5fG7hI9)",
  "(project `Blue Heron`, id 3f2504e0-4f89-41d3-9a0c-0305e82c3301)",
];
const PERSONAL = ["Roe Holdings", "jane.roe", "203.0.113.77", "aB3dE5fG7hI9", "Blue Heron", "3f2504e0"];

interface FragmentModel {
  readonly alias: string;
  readonly upstream: string;
  readonly context_tokens?: number;
  readonly max_output_tokens?: number;
  readonly capabilities?: readonly string[];
  readonly price?: { readonly input: number; readonly output: number };
}
interface Fragment {
  readonly models: readonly FragmentModel[];
  readonly dialect?: { readonly drop?: readonly string[] };
}

export async function runHistory(seed: number): Promise<HistoryResult> {
  const rolled = dice(seed);
  const form = rolled.pick(FORMS);
  const root = mkdtempSync(join(tmpdir(), "headgate-history-"));
  const lab = await startLab();
  try {
    return await play({ seed, rolled, form, root, lab });
  } finally {
    await lab.close();
    rmSync(root, { recursive: true, force: true });
  }
}

interface Scene {
  readonly seed: number;
  readonly rolled: Dice;
  readonly form: HostFormId;
  readonly root: string;
  readonly lab: Lab;
}

async function play({ seed, rolled, form, root, lab }: Scene): Promise<HistoryResult> {
  const models = Array.from({ length: 10 }, (_, at) => modelAt(rolled, at));
  const echoes = rolled.once(2);
  const host = modelHost({
    form,
    models,
    key: KEY,
    ...(echoes ? { remark: ({ seq }) => REMARKS[seq % REMARKS.length] ?? "" } : {}),
  });
  lab.behave("*", host.behaviour);
  lab.behave("/acme/v1/models", host.behaviour);
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const tier = rolled.pick(["free", "paid"]);
  put("providers/acme/provider.yaml", fragmentText(models, tier));
  put("fallbacks/fallbacks.json", '{ "chains": {}, "default": { "chat": ["acme-m0", "acme-m1"] } }\n');
  const env = { ACME: "1", ACME_API_KEY: KEY, ACME_BASE_URL: `${lab.url}/acme/v1` };
  const outputs: string[] = [];
  const factOutputs: string[] = [];
  const run = async (...args: string[]): Promise<void> => {
    const { stdout, stderr } = await commandHere(args, root, env);
    outputs.push(stdout, stderr);
    if (args[0] === "facts") factOutputs.push(stdout, stderr);
  };
  const read = (path: string): Fragment => parse(readFileSync(join(root, path), "utf8")) as Fragment;

  const wrong: string[] = [];
  if (rolled.once(3)) {
    const before = readFileSync(join(root, "providers/acme/provider.yaml"), "utf8");
    lab.behave("/acme/v1/models", brokenList(rolled, host));
    await run("models", "refresh", "--catalogue", "--yes");
    lab.behave("/acme/v1/models", host.behaviour);
    if (readFileSync(join(root, "providers/acme/provider.yaml"), "utf8") !== before)
      wrong.push("a broken list changed the fragment");
  }

  const drift = new Drift(rolled, host, { form, leavesOut: tier === "free" && PER_TOKEN.has(form) });
  const traffic = startTraffic(lab, host);
  drift.changeSome();
  const old = read("providers/acme/provider.yaml");
  await run("models", "refresh", "--catalogue", "--yes");
  const refreshed = read("providers/acme/provider.yaml");
  await run("facts", "verify", "acme", "--yes", "--calls", "120", "--spend", "1000", "--contribute", "out");
  await traffic();
  const contributed = readIf(join(root, "out/providers/acme/provider.yaml"));
  const final = contributed === undefined ? refreshed : (parse(contributed) as Fragment);

  const missed = drift.changes
    .filter((change) => !change.isIn(final, retiredIn(root)))
    .map(({ name }) => name);
  wrong.push(
    ...wrongEdits(old, final, host),
    ...wrongRetirements(retiredIn(root), host),
    ...drift.wrongFields(final),
  );
  return {
    seed,
    form,
    changes: drift.changes.map(({ name }) => name),
    missed,
    wrong,
    leaks: [
      ...leaksIn([...outputs, ...filesUnder(root)], [KEY, Buffer.from(KEY).toString("base64")]),
      // What `facts verify` prints and writes is meant for others.
      ...leaksIn(
        [...factOutputs, ...filesUnder(join(root, "out")), ...filesUnder(join(root, ".headgate/facts"))],
        [[...KEY].reverse().join(""), Buffer.from(KEY).toString("hex")],
      ),
      ...factOutputs
        .concat(filesUnder(join(root, "out")))
        .flatMap((text) => PERSONAL.filter((one) => text.includes(one))),
    ],
    outputs: outputs.length + filesUnder(root).length,
  };
}

function modelAt(rolled: Dice, at: number): HostedModel {
  const contextTokens = rolled.pick([32_768, 65_536, 131_072, 200_000]);
  const input = rolled.pick([0.05, 0.2, 0.59, 1.2, 3]);
  return {
    id: `org/m${at}`,
    input,
    output: Number((input * rolled.pick([1, 2, 4])).toFixed(4)),
    contextTokens,
    maxOutputTokens: rolled.pick([4_096, 8_192, 16_384]),
    tools: !rolled.once(4),
  };
}

const priceOf = ({ input, output }: HostedModel) => ({
  input,
  output,
  date: "2026-11-01",
  source: "its page",
});

function fragmentText(models: readonly HostedModel[], tier: string): string {
  return stringify(
    {
      name: "Acme",
      summary: "For tests.",
      tier,
      base_url: "https://acme.example/v1",
      sources: [{ what: "all", from: "its page", date: "2026-11-01" }],
      models: models.map((model, at) => ({
        alias: `acme-m${at}`,
        upstream: model.id,
        operation: "chat",
        context_tokens: model.contextTokens,
        max_output_tokens: model.maxOutputTokens,
        ...(model.tools ? { capabilities: ["tools"] } : {}),
        price: priceOf(model),
      })),
    },
    { lineWidth: 0 },
  );
}

interface Change {
  readonly name: string;
  isIn(fragment: Fragment, retired: ReadonlyMap<string, FragmentModel>): boolean;
}

/** The provider's own history. */
class Drift {
  readonly changes: Change[] = [];
  readonly #rolled: Dice;
  readonly #host: ModelHost;
  readonly #form: HostFormId;
  readonly #leavesOut: boolean;
  readonly #touched = new Set<string>();
  readonly #fields = new Set<string>();
  #ended = 0;

  constructor(
    rolled: Dice,
    host: ModelHost,
    { form, leavesOut }: { readonly form: HostFormId; readonly leavesOut: boolean },
  ) {
    this.#rolled = rolled;
    this.#host = host;
    this.#form = form;
    this.#leavesOut = leavesOut;
  }

  changeSome(): void {
    const count = 2 + this.#rolled.roll(5);
    for (let done = 0; done < count; done += 1) {
      const kind = this.#rolled.pick([
        "rename",
        "retire",
        "add",
        "price",
        "window",
        "answer",
        "tools",
        "field",
      ] as const);
      this.#change(kind);
    }
  }

  #change(kind: "rename" | "retire" | "add" | "price" | "window" | "answer" | "tools" | "field"): void {
    const host = this.#host;
    if (kind === "field") {
      const field = this.#rolled.pick(FIELDS);
      if (this.#fields.has(field)) return;
      this.#fields.add(field);
      host.refuse(field);
      this.changes.push({
        name: `${field} is refused`,
        isIn: ({ dialect }) => dialect?.drop?.includes(field) === true,
      });
      return;
    }
    if (kind === "add") {
      const model = {
        ...modelAt(this.#rolled, 20 + this.changes.length),
        id: `org/${this.#rolled.word("new")}`,
      };
      host.add(model);
      this.#touched.add(model.id);
      this.#isNew(model.id);
      return;
    }
    const id = this.#untouched();
    if (id === undefined) return;
    const model = host.models.get(id) as HostedModel;
    if (kind === "rename" || kind === "retire") {
      // More than a fifth at once is taken for a broken list.
      if (this.#ended >= 2) return;
      this.#ended += 1;
      this.#touched.add(id);
      const next = `${id}-2512`;
      if (kind === "rename") {
        host.rename(id, next);
        this.#touched.add(next);
        this.#isNew(next);
      } else host.retire(id);
      this.changes.push({
        name: `${id} is gone`,
        isIn: (fragment, retired) => !has(fragment, id) && retired.has(id),
      });
      return;
    }
    this.#touched.add(id);
    if (kind === "tools") {
      host.change(id, { tools: !model.tools });
      this.changes.push({
        name: `${id}: tools ${!model.tools}`,
        isIn: (fragment) => (find(fragment, id)?.capabilities?.includes("tools") ?? false) === !model.tools,
      });
      return;
    }
    if (kind === "price" && PRICED.has(this.#form)) {
      const input = Number((model.input * this.#rolled.pick([0.5, 0.8, 1.5, 2])).toFixed(4));
      host.change(id, { input });
      this.changes.push({
        name: `${id}: price ${input}`,
        isIn: (fragment) => find(fragment, id)?.price?.input === input,
      });
    } else if (kind === "window" && this.#form !== "openai") {
      const contextTokens = model.contextTokens * this.#rolled.pick([0.5, 2]);
      host.change(id, { contextTokens });
      this.changes.push({
        name: `${id}: window ${contextTokens}`,
        isIn: (fragment) => find(fragment, id)?.context_tokens === contextTokens,
      });
    } else if (kind === "answer") {
      // A longer answer than stated shows where its limit is refused, or listed.
      const maxOutputTokens = model.maxOutputTokens / 2;
      host.change(id, { maxOutputTokens });
      this.changes.push({
        name: `${id}: longest answer ${maxOutputTokens}`,
        isIn: (fragment) => find(fragment, id)?.max_output_tokens === maxOutputTokens,
      });
    }
  }

  #isNew(id: string): void {
    const wanted = !this.#leavesOut;
    this.changes.push({
      name: `${id} is ${wanted ? "new" : "not for a free provider"}`,
      isIn: (fragment) => has(fragment, id) === wanted,
    });
  }

  #untouched(): string | undefined {
    const left = [...this.#host.models.keys()].filter((id) => !this.#touched.has(id));
    return left.length === 0 ? undefined : this.#rolled.pick(left);
  }

  wrongFields({ dialect }: Fragment): readonly string[] {
    return (dialect?.drop ?? [])
      .filter((field) => !this.#fields.has(field))
      .map((field) => `${field} is left out`);
  }
}

const find = ({ models }: Fragment, id: string): FragmentModel | undefined =>
  models.find(({ upstream }) => upstream === id);
const has = (fragment: Fragment, id: string): boolean => find(fragment, id) !== undefined;

function retiredIn(root: string): ReadonlyMap<string, FragmentModel> {
  const found = new Map<string, FragmentModel>();
  for (const folder of ["", "out/"]) {
    const text = readIf(join(root, `${folder}providers/acme/retired.yaml`));
    for (const model of text === undefined ? [] : (parse(text) as Fragment).models)
      found.set(model.upstream, model);
  }
  return found;
}

/** Every field that differs from the fragment as it was must be what the provider has now. */
function wrongEdits(old: Fragment, next: Fragment, host: ModelHost): readonly string[] {
  return next.models.flatMap((model): string[] => {
    const { upstream, price } = model;
    const truth = host.models.get(upstream);
    if (truth === undefined) return has(old, upstream) ? [] : [`${upstream} was added and is not there`];
    const before = find(old, upstream);
    const differs = (now: unknown, was: unknown, is: unknown, what: string): string[] =>
      now === was || now === undefined || now === is
        ? []
        : [`${upstream}: ${what} ${String(now)}, is ${String(is)}`];
    const claims = model.capabilities?.includes("tools") ?? false;
    const claimed = before?.capabilities?.includes("tools") ?? false;
    return [
      ...differs(model.context_tokens, before?.context_tokens, truth.contextTokens, "window"),
      ...differs(model.max_output_tokens, before?.max_output_tokens, truth.maxOutputTokens, "longest answer"),
      ...differs(price?.input, before?.price?.input, truth.input, "price"),
      ...(before === undefined || claims === claimed || claims === truth.tools
        ? []
        : [`${upstream}: tools ${claims}`]),
    ];
  });
}

const wrongRetirements = (retired: ReadonlyMap<string, FragmentModel>, host: ModelHost): readonly string[] =>
  [...retired.keys()].filter((id) => host.models.has(id)).map((id) => `${id} was retired and answers`);

/** What a list looks like on a bad day. */
function brokenList(rolled: Dice, host: ModelHost) {
  const models = [...host.models.keys()];
  const bodies: readonly string[] = [
    '{"object":"list","data":[]}',
    "<!doctype html><title>Maintenance</title>",
    JSON.stringify({ data: models.slice(0, 2).map((id) => ({ id })) }),
    JSON.stringify({ data: models.map((id) => ({ id, pricing: { input: 900, output: 900 } })) }),
    JSON.stringify({ data: models.map((id) => ({ id, context_length: 1, max_completion_tokens: 0 })) }),
    JSON.stringify({ data: models.map((id) => ({ id })), has_more: true, last_id: "again" }),
  ];
  const body = Buffer.from(rolled.pick(bodies));
  return behaviour("broken list", () => [
    { kind: "head", status: 200, headers: { "content-type": "application/json" } },
    { kind: "bytes", bytes: body },
  ]);
}

/** Clients of the same account go on asking for the models that they know. @returns ends it */
function startTraffic(lab: Lab, host: ModelHost): () => Promise<void> {
  const ids = [...host.models.keys()];
  let on = true;
  const ask = async (): Promise<void> => {
    for (let at = 0; on; at += 1) {
      const body = JSON.stringify({
        model: ids[at % ids.length],
        messages: [{ role: "user", content: "hi" }],
      });
      const headers = { authorization: `Bearer ${KEY}`, "content-type": "application/json" };
      await (
        await fetch(`${lab.url}/acme/v1/chat/completions`, { method: "POST", headers, body })
      ).arrayBuffer();
    }
  };
  const asking = ask();
  return async () => {
    on = false;
    await asking;
  };
}

const readIf = (path: string): string | undefined => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
};

const filesUnder = (root: string): readonly string[] =>
  existsSync(root)
    ? readdirSync(root, { recursive: true, encoding: "utf8" })
        .map((path) => join(root, path))
        .filter((path) => statSync(path).isFile())
        .map((path) => readFileSync(path, "utf8"))
    : [];

const PART = 8;
function leaksIn(texts: readonly string[], forms: readonly string[]): readonly string[] {
  const parts = forms.flatMap((form) =>
    Array.from({ length: form.length - PART + 1 }, (_, at) => form.slice(at, at + PART)),
  );
  return texts.flatMap((text) => parts.filter((part) => text.includes(part)).slice(0, 1));
}
