import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { type Command, Option } from "commander";
import { type Cli, EXIT, Failure } from "../cli.ts";
import type { ProviderDraft } from "../new-provider.ts";
import { rootOption } from "../options.ts";
import { findPlace } from "../place.ts";
import { writeFiles } from "../write-files.ts";

interface Options {
  readonly name?: string;
  readonly baseUrl?: string;
  readonly tier?: ProviderDraft["tier"];
  readonly adapter: string;
  readonly model?: string;
  readonly root?: string;
}

export function registerNew(program: Command, cli: Cli): void {
  const group = program
    .command("new")
    .description("add a provider to the catalogue")
    .helpCommand(false)
    .usage("provider <id> [options]");
  group
    .command("provider")
    .description("write a fragment that validates, to be filled in")
    .argument("<id>", "the folder's name under providers/, such as acme")
    .option("--name <name>", "the provider's display name")
    .option("--base-url <url>", "the address of its API, without a trailing slash")
    .addOption(
      new Option(
        "--tier <tier>",
        "the cost of its use (default: free; local for the adapter ollama)",
      ).choices(["free", "subscription", "paid", "local"]),
    )
    .option("--adapter <adapter>", "the adapter of its wire format", "openai-compatible")
    .option("--model <upstream>", "the upstream id of its first model")
    .addOption(rootOption())
    .addHelpText("after", "\nNever overwrites a file.")
    .action(cli.run((id: string, options: Options) => newProvider(cli, id, options)));
}

async function newProvider(cli: Cli, id: string, options: Options): Promise<number> {
  if (!/^[a-z][a-z0-9-]*$/.test(id)) {
    throw new Failure(
      `${JSON.stringify(id)} is no id: use small letters, digits and dashes, a letter first`,
      EXIT.usage,
    );
  }
  const { root, builtIn } = findPlace(cli, options.root);
  if (builtIn)
    throw new Failure("there is no providers/ folder here; run this in a checkout, or give --root");
  const file = join(root, "providers", id, "provider.yaml");
  if (existsSync(dirname(file))) throw new Failure(`providers/${id} exists already; nothing was written`);

  // Loaded here, as below: the YAML library takes longer to load than a help text.
  const { draftProvider, usualTier } = await import("../new-provider.ts");
  const date = new Date(cli.nowMs()).toISOString().slice(0, 10);
  const tier = options.tier ?? usualTier(options.adapter);
  const { yaml, alias, flag, keyVar } = draftProvider({ ...options, tier, id, date });
  mkdirSync(dirname(file), { recursive: true });
  // wx: a file that another process wrote meanwhile stays.
  writeFileSync(file, yaml, { flag: "wx" });
  const chain = await chainOf(root, alias, tier);

  const shown = options.root ?? relative(cli.cwd, root);
  const at = (path: string): string => join(shown, path);
  cli.out(
    [
      `wrote ${at(`providers/${id}/provider.yaml`)}`,
      {
        usual: `${alias} falls back as chat models of the tier ${tier} do; another chain goes into ${at("fallbacks/fallbacks.json")}`,
        added: `added ${alias} to ${at("fallbacks/fallbacks.json")}, with an empty chain`,
        none: `fallbacks/fallbacks.json could not be edited: give ${alias} a chain there by hand`,
      }[chain],
      "",
      "Next:",
      "  1. fill in models, limits and sources; mark what has no source as unverified",
      ...(chain === "usual" ? [] : [`     and list the fallbacks of ${alias} in its chain`]),
      `  2. prove error rules and dialect in ${at(`providers/${id}/fixtures/exchanges.json`)}: make validate names what is missing`,
      "  3. npx changeset, then make format generate check test",
      `To try it: ${flag}=1${keyVar === undefined ? "" : ` and ${keyVar}=…`} in .env, then make run.`,
    ].join("\n"),
  );
  return EXIT.ok;
}

/** Adds an empty chain where the catalogue has none for such models; a file that is missing or not as expected stays as it is. */
async function chainOf(
  root: string,
  alias: string,
  tier: ProviderDraft["tier"],
): Promise<"usual" | "added" | "none"> {
  const path = join(root, "fallbacks", "fallbacks.json");
  if (!existsSync(path)) return "none";
  const before = readFileSync(path, "utf8");
  if (hasUsualChain(before, tier)) return "usual";
  const { insertChain } = await import("@headgate/compiler/edit");
  const text = insertChain(before, alias);
  if (text === undefined) return "none";
  writeFiles(root, new Map([["fallbacks/fallbacks.json", text]]));
  return "added";
}

function hasUsualChain(text: string, tier: string): boolean {
  try {
    const { default: usual } = JSON.parse(text) as { default?: { chat?: Record<string, unknown> } };
    return usual?.chat?.[tier] !== undefined;
  } catch {
    return false;
  }
}
