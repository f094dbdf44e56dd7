/** The gateway in this process, over a store of its own or its primary's. */
import { isDeepStrictEqual } from "node:util";
import type { RoutingTable, StateStore } from "@headgate/contract";
import { createGateway } from "@headgate/runtime";
import { Failure } from "../cli.ts";
import { readSecrets, readTable } from "./active-table.ts";
import type { Running, Setup } from "./setup.ts";

/** Serves the table that was built last. @throws {Failure} in words */
export async function runHere(setup: Setup, store: StateStore): Promise<Running> {
  const { cli, options, stateDir, clientKey, log, source, readEnv } = setup;
  const read = (): { table: RoutingTable; secrets: Readonly<Record<string, string>> } => {
    const table = readTable(source.out);
    return { table, secrets: readSecrets(table, readEnv(), cli.env) };
  };
  let serving = read();
  const gateway = await createGateway({
    options,
    clientKey,
    ...serving,
    log,
    version: cli.version,
    store,
    stateDir,
  }).catch(inWords);
  const { url } = await gateway.listen().catch(async (error: unknown) => {
    await gateway.close();
    return inWords(error);
  });
  return {
    url,
    get table() {
      return serving.table;
    },
    async takeUp() {
      const next = read();
      if (
        next.table.fingerprint === serving.table.fingerprint &&
        isDeepStrictEqual(next.secrets, serving.secrets)
      )
        return false;
      await gateway.swap(next.table, next.secrets);
      serving = next;
      return true;
    },
    close: () => gateway.close(),
  };
}

/** What the gateway refuses is the user's to mend: the message alone is shown. */
export function inWords(error: unknown): never {
  throw error instanceof Error ? new Failure(error.message) : error;
}
