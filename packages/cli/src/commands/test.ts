import { type Command, InvalidArgumentError } from "commander";
import { type Cli, count, EXIT, Failure } from "../cli.ts";
import { envFileOption, jsonOption, rootOption, stateDirOption, urlOption } from "../options.ts";
import { ms } from "../records/why-text.ts";
import { type GatewayWhere, runningGateway } from "../running-gateway.ts";
import { alignColumns } from "../table.ts";

interface Options extends GatewayWhere {
  readonly json?: true;
}

interface Answer {
  readonly status: number;
  readonly via: string | null;
  readonly id: string | null;
  readonly ms: number;
  readonly error: string | null;
}

const DEFAULT_COUNT = 3;
const MAX_COUNT = 100;

export function registerTest(program: Command, cli: Cli): void {
  program
    .command("test")
    .description("send small real requests through the running gateway: which upstreams answer, and how fast")
    .argument("[name]", "a group or an alias (default: the first group)")
    .argument("[n]", "how many requests", countOf, DEFAULT_COUNT)
    .addOption(urlOption())
    .addOption(envFileOption())
    .addOption(stateDirOption())
    .addOption(jsonOption())
    .addOption(rootOption())
    .addHelpText(
      "after",
      "\nEach request asks for one short word and uses up quota. Exit code 0: every request was answered.",
    )
    .action(
      cli.run((name: string | undefined, requests: number, options: Options) =>
        test(cli, name, requests, options),
      ),
    );
}

async function test(cli: Cli, name: string | undefined, requests: number, options: Options): Promise<number> {
  const gateway = runningGateway(cli, options);
  const model = name ?? (await firstGroup(gateway));
  const answers: Answer[] = [];
  for (let number = 1; number <= requests; number += 1) {
    cli.progress(`request ${number} of ${requests}`);
    const startedAtMs = performance.now();
    const response = await gateway.chat(model);
    const { error } = (await response.json().catch(() => ({}))) as { error?: { message?: string } };
    answers.push({
      status: response.status,
      via: response.headers.get("x-routed-via"),
      id: response.headers.get("x-request-id"),
      ms: Math.round(performance.now() - startedAtMs),
      error: response.ok ? null : (error?.message ?? `status ${response.status}`),
    });
  }
  cli.progress("");
  const answered = answers.filter(({ error }) => error === null);
  const upstreams = new Set(answered.map(({ via }) => via));
  if (options.json === true)
    cli.out(
      JSON.stringify(
        { model, answered: answered.length, upstreams: [...upstreams], requests: answers },
        null,
        2,
      ),
    );
  else {
    const rows = answers.map(({ id, via, ms: took, error }) => [
      "",
      id ?? "",
      via ?? "-",
      ms(took),
      error ?? "ok",
    ]);
    cli.out(
      `${model}: ${answered.length} of ${count(requests, "request")} answered by ${count(upstreams.size, "upstream")}\n\n${alignColumns(rows)}`,
    );
  }
  return answered.length === requests ? EXIT.ok : EXIT.failed;
}

async function firstGroup(gateway: ReturnType<typeof runningGateway>): Promise<string> {
  const { groups } = (await gateway.request("GET", "/admin/groups")) as { groups: { name: string }[] };
  const [first] = groups;
  if (first !== undefined) return first.name;
  throw new Failure("the gateway serves no group; name an alias: headgate test <alias>");
}

function countOf(text: string): number {
  const requests = Number(text);
  if (/^[0-9]{1,3}$/.test(text) && requests >= 1 && requests <= MAX_COUNT) return requests;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${MAX_COUNT}.`);
}
