import { join, resolve } from "node:path";
import {
  CLIENT_FIELDS,
  type ClientField,
  type ClientView,
  type IssuedKey,
  PRIORITIES,
  present,
} from "@headgate/contract";
import { type Command, Option } from "commander";
import { type Cli, EXIT, Failure } from "../cli.ts";
import type { Applied } from "../clients/apply.ts";
import type { Fields } from "../clients/rules.ts";
import { clientsText, clientText } from "../clients/text.ts";
import { type ClientsHere, clientsOf } from "../clients/where.ts";
import { envFileOption, jsonOption, rootOption, stateDirOption, urlOption } from "../options.ts";
import type { GatewayWhere } from "../running-gateway.ts";

interface Shared extends GatewayWhere {
  readonly json?: true;
}
type Rules = Shared & { readonly [Field in string]?: unknown };

interface ApplyOptions extends Shared {
  readonly prune?: true;
  /** Commander's: false with `--no-keys`. */
  readonly keys: boolean;
}

const DEFAULT_GRACE = "24h";

export function registerClients(program: Command, cli: Cli): void {
  const group = program
    .command("clients")
    .description("clients with keys of their own: their names, limits and keys")
    .helpCommand(false);
  const shared = (command: Command): Command =>
    command
      .addOption(urlOption())
      .addOption(envFileOption())
      .addOption(stateDirOption())
      .addOption(jsonOption())
      .addOption(rootOption());
  /** Runs with the list of clients, and closes it. */
  const using = <Args extends readonly unknown[]>(
    run: (clients: ClientsHere, ...args: Args) => Promise<number>,
    where: (...args: Args) => GatewayWhere,
  ) =>
    cli.run(async (...args: Args) => {
      const clients = await clientsOf(cli, where(...args));
      try {
        return await run(clients, ...args);
      } finally {
        await clients.close();
      }
    });
  const print = (json: boolean | undefined, value: object, text: string): number => {
    cli.out(json === true ? JSON.stringify(value, null, 2) : text);
    return EXIT.ok;
  };
  const printKey = (clients: ClientsHere, issued: IssuedKey, { json }: Shared): number => {
    for (const note of clients.notes) cli.err(`headgate: ${note}`);
    if (json !== true) cli.err("headgate: the key is shown this once; only its hash is kept");
    return print(json, issued, issued.key);
  };

  ruled(
    shared(
      group
        .command("add")
        .description("add a client and print its key, once")
        .argument("<name>", "letters, digits, dots, hyphens"),
    ),
  )
    .addHelpText(
      "after",
      `
A key works within a second; no gateway needs to run. A pattern of --models or --map has at most one *.

  $ headgate clients add cline --models 'free-mode,groq-*' --rpm 30 --tpm 200k --spend 2usd/day --expires 90d
  $ headgate clients add nightly --tier free --priority background --json`,
    )
    .action(
      using(
        async (clients, name: string, options: Rules) =>
          printKey(clients, await clients.add(name, fieldsOf(options)), options),
        (_, options) => options,
      ),
    );
  shared(
    group
      .command("apply")
      .description("add and change clients until they are as a file says")
      .argument("[file]", "YAML or JSON (default: clients.yaml in the overlay)"),
  )
    .option("--prune", "revoke those that the file does not name")
    .option("--no-keys", "print no key; `clients rotate` gives one")
    .addHelpText(
      "after",
      `
The file holds a mapping: clients: { cline: { models: [free-mode], rpm: 30, tier: free } }. It holds no keys: those of new
clients are printed once. Applying it again changes nothing. A running gateway applies the overlay's clients.yaml by itself.`,
    )
    .action(
      using(
        async (clients, file: string | undefined, options: ApplyOptions) => {
          const { applyFile } = await import("../clients/apply.ts");
          const path = file === undefined ? await overlayFile(cli, options) : resolve(cli.cwd, file);
          const applied = await applyFile(clients, path, options.prune === true);
          const shown = options.keys
            ? applied
            : { ...applied, added: applied.added.map(({ id, name }) => ({ id, name })) };
          return print(options.json, shown, appliedText(applied, options.keys));
        },
        (_, options) => options,
      ),
    );
  shared(group.command("list").description("every client, with its state and rules")).action(
    using(
      async (clients, { json }: Shared) => {
        const list = await clients.list();
        return print(json, { clients: list }, clientsText(list));
      },
      (options) => options,
    ),
  );
  shared(group.command("show").description("one client").argument("<name>", "its name or its id")).action(
    using(
      async (clients, name: string, { json }: Shared) => {
        const client = await clients.show(name);
        return print(json, client, clientText(client));
      },
      (_, options) => options,
    ),
  );
  ruled(
    shared(
      group
        .command("edit")
        .description("change a client's rules; its key stays")
        .argument("<name>", "its name or its id"),
    ),
  )
    .addHelpText(
      "after",
      `
A rule that is not named stays. The value none removes one.

  $ headgate clients edit cline --rpm 60 --spend none`,
    )
    .action(
      using(
        async (clients, name: string, options: Rules) => {
          const fields = fieldsOf(options);
          if (Object.keys(fields).length === 0)
            throw new Failure("nothing to change: name at least one rule, such as --rpm 60", EXIT.usage);
          const client = await clients.edit(name, fields);
          return print(options.json, client, clientText(client));
        },
        (_, options) => options,
      ),
    );
  shared(
    group
      .command("rotate")
      .description("a new key; the old one stays valid for the grace period")
      .argument("<name>", "its name or its id"),
  )
    .option("--grace <period>", "24h, 30m, or 0", DEFAULT_GRACE)
    .action(
      using(
        async (clients, name: string, options: Shared & { readonly grace: string }) =>
          printKey(clients, await clients.rotate(name, options.grace), options),
        (_, options) => options,
      ),
    );
  shared(
    group
      .command("revoke")
      .description("end a client's keys for good, within a second")
      .argument("<name>", "its name or its id"),
  ).action(
    using(
      async (clients, name: string, { json }: Shared) => {
        const client = await clients.revoke(name);
        return print(json, client, revokedText(client));
      },
      (_, options) => options,
    ),
  );
}

async function overlayFile(cli: Cli, { root, envFile }: Shared): Promise<string> {
  const { overlayOf, readEnvFile } = await import("../environment.ts");
  const { findPlace } = await import("../place.ts");
  const place = findPlace(cli, root);
  return join(
    overlayOf(place, readEnvFile({ cwd: cli.cwd, ...place, given: envFile }), cli.env),
    "clients.yaml",
  );
}

function appliedText({ added, changed, revoked, others }: Applied, withKeys: boolean): string {
  const lines = [
    ...added.map(({ name, key }) =>
      withKeys
        ? `added ${name}: ${key}`
        : `added ${name}; headgate clients rotate ${name} --grace 0 prints its key`,
    ),
    ...changed.map((name) => `changed ${name}`),
    ...revoked.map((name) => `revoked ${name}`),
  ];
  if (lines.length === 0) lines.push("everything is as the file says");
  if (others.length > 0) lines.push(`not in the file: ${others.join(", ")} (--prune revokes them)`);
  return lines.join("\n");
}

const revokedText = ({ name }: ClientView): string =>
  `${name} is revoked: its keys end within a second, at every gateway of this list`;

/** A rule's option, by its field. */
const ruled = (command: Command): Command =>
  command
    .option("--models <names>", "names that it may ask for: free-mode,groq-*")
    .option("--map <rewrites>", "its own names for models: claude-haiku-*=local-mode")
    .option("--rpm <n>", "requests a minute")
    .option("--rpd <n>", "requests a day (UTC)")
    .option("--tpm <n>", "tokens a minute: 200k")
    .option("--tpd <n>", "tokens a day (UTC): 2m")
    .option("--concurrency <n>", "requests at once")
    .option("--spend <limit>", "what it may cost: 2usd/day")
    .option("--tier <tiers>", "who may serve it: free (with local), subscription, paid, local")
    .option("--no-training", "only providers that state that they train on no request")
    .option("--training", "edit: any provider again")
    .addOption(
      new Option("--priority <priority>", "background waits, and takes what is left over")
        .argParser(String)
        .choices([...PRIORITIES, "none"]),
    )
    .option("--cache <rule>", "its answers come again: off, on, 1h or 1h,shared,tools")
    .option("--expires <when>", "90d, 12h, or a date");

/** Commander names `--no-training` after `--training`. */
function fieldsOf({ training, ...options }: Rules): Fields {
  const fields: Record<string, unknown> = {};
  for (const field of CLIENT_FIELDS) {
    const value = options[field satisfies ClientField];
    if (value !== undefined) fields[field] = value === "none" ? null : value;
  }
  return { ...fields, ...present({ no_training: training === undefined ? undefined : training !== true }) };
}
