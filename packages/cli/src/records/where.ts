/** Usage records for a command: from the running gateway, else from their database. */
import { type RecordReader, readOptions } from "@headgate/contract";
import { type Cli, Failure } from "../cli.ts";
import { readEnvFile, readOptionEnvironment } from "../environment.ts";
import { findPlace, resolveStateDir } from "../place.ts";
import { askIfRunning, type GatewayWhere } from "../running-gateway.ts";
import { findSecret } from "../secrets/secret.ts";

/**
 * @param path the admin route with the same answer
 * @param read answers from the database, where no gateway runs
 * @throws {Failure} where there is neither a gateway nor a database
 */
export async function askOrRead<T>(
  cli: Cli,
  where: GatewayWhere,
  path: string,
  read: (records: RecordReader) => Promise<T>,
): Promise<T> {
  const asked = await askIfRunning(cli, where, path);
  if (asked !== undefined) return asked.answer as T;
  // Loaded here: a running gateway answers without it.
  const { placeOf, readRecords } = await import("@headgate/records");
  const place = findPlace(cli, where.root);
  const envFile = readEnvFile({ cwd: cli.cwd, env: cli.env, ...place, given: where.envFile });
  const { options } = readOptions(readOptionEnvironment(envFile, cli.env).values);
  const stateDir = resolveStateDir(cli.cwd, place.home, where.stateDir, options.stateDir);
  const secret = findSecret(cli.env, envFile.variables)?.value;
  const records = await readRecords(placeOf(stateDir, options), secret).catch((error: unknown) => {
    throw error instanceof Error ? new Failure(error.message) : error;
  });
  if (records === undefined)
    throw new Failure(
      `there are no usage records in ${stateDir}, and no gateway answers; start one with headgate serve, or name its folder with --state-dir`,
    );
  try {
    return await read(records);
  } catch (error) {
    throw error instanceof Error ? new Failure(error.message) : error;
  } finally {
    await records.close();
  }
}
