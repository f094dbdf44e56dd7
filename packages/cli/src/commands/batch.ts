import type { Command } from "commander";
import { type RunOptions, runBatch, type ShownBatch } from "../batch/run.ts";
import { type Cli, EXIT } from "../cli.ts";
import { envFileOption, jsonOption, rootOption, stateDirOption, urlOption } from "../options.ts";
import { type GatewayWhere, runningGateway } from "../running-gateway.ts";
import { alignColumns } from "../table.ts";

interface Shared extends GatewayWhere {
  readonly json?: true;
}

export function registerBatch(program: Command, cli: Cli): void {
  const group = program
    .command("batch")
    .description("files of requests that run when limits leave room")
    .helpCommand(false);
  const shared = (command: Command): Command =>
    command
      .addOption(urlOption())
      .addOption(envFileOption())
      .addOption(stateDirOption())
      .addOption(rootOption());
  shared(
    group
      .command("run")
      .description("run the lines of a file, and write what came back in the order of the lines")
      .argument("<file>", "JSONL: lines of OpenAI's batches, or bodies of requests"),
  )
    .requiredOption("--out <file>", "where the answers go")
    .option("--model <name>", "the model of lines that name none")
    .option("--spend <usd>", "what all lines together may cost", "0")
    .option("--by <time>", "08:00: what costs is used only where free tiers would be late")
    .option("--endpoint <path>", "such as /v1/embeddings (default: from the first line)")
    .option("--skip-invalid", "run the others where a line is wrong")
    .addHelpText(
      "after",
      `
The gateway runs the lines as background requests. Ctrl-C ends the command and not the batch; the same command watches it again.

  $ headgate batch run in.jsonl --out out.jsonl --model free-mode
  $ headgate batch run in.jsonl --out out.jsonl --model free-mode --by 08:00 --spend 2.50`,
    )
    .action(cli.run((file: string, options: RunOptions) => runBatch(cli, file, options)));
  shared(group.command("list").description("the newest batches").addOption(jsonOption()))
    .addHelpText("after", "\n  $ headgate batch list")
    .action(cli.run((options: Shared) => listBatches(cli, options)));
  shared(
    group
      .command("cancel")
      .description("start no further line of a batch")
      .argument("<id>", "as `headgate batch list` shows it")
      .addOption(jsonOption()),
  )
    .addHelpText("after", "\n  $ headgate batch cancel batch_x2Yk")
    .action(
      cli.run(async (id: string, options: Shared) => {
        const path = `/v1/batches/${encodeURIComponent(id)}/cancel`;
        const batch = (await runningGateway(cli, options).request("POST", path, {})) as ShownBatch;
        cli.out(options.json === true ? JSON.stringify(batch, null, 2) : `${batch.id} is ${batch.status}`);
        return EXIT.ok;
      }),
    );
}

async function listBatches(cli: Cli, options: Shared): Promise<number> {
  const { data } = (await runningGateway(cli, options).request("GET", "/v1/batches?limit=50")) as {
    data: readonly ShownBatch[];
  };
  if (options.json === true) cli.out(JSON.stringify(data, null, 2));
  else if (data.length === 0) cli.out("no batches yet; headgate batch run begins one");
  else
    cli.out(
      alignColumns([
        ["BATCH", "STATUS", "LINES", "DONE", "FAILED", "MADE"],
        ...data.map(({ id, status, request_counts: { total, completed, failed }, created_at }) => [
          id,
          status,
          String(total),
          String(completed),
          String(failed),
          new Date(created_at * 1_000).toISOString().slice(0, 16),
        ]),
      ]),
    );
  return EXIT.ok;
}
