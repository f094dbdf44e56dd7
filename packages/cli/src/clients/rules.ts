/** A client's rules from a command's fields, checked against the catalogue's names. */
import {
  type ClientEdit,
  type ClientProblem,
  type ClientRules,
  editedRules,
  type NewClient,
  nameProblem,
  namesOf,
  present,
  readClientFields,
  unknownNames,
} from "@headgate/contract";
import { assemble } from "../assemble.ts";
import { type Cli, EXIT, Failure } from "../cli.ts";
import type { GatewayWhere } from "../running-gateway.ts";

/** What a command sends: the fields of the admin routes. */
export type Fields = Readonly<Record<string, unknown>>;

/** @throws {Failure} for rules that are malformed, or that name what is not there */
export async function newClient(
  cli: Cli,
  where: GatewayWhere,
  name: string,
  fields: Fields,
): Promise<NewClient> {
  const problem = nameProblem(name);
  if (problem !== undefined) throw wrong([problem]);
  const { expires_at_ms, rules } = await editOf(cli, where, {}, fields);
  return {
    name,
    rules: editedRules({}, { rules }),
    ...present({ expires_at_ms: expires_at_ms ?? undefined }),
  };
}

/** @throws {Failure} as `newClient` */
export async function editOf(
  cli: Cli,
  where: GatewayWhere,
  before: ClientRules,
  fields: Fields,
): Promise<ClientEdit> {
  const { edit, problems } = readClientFields(fields, cli.nowMs());
  if (problems.length > 0) throw wrong(problems);
  const { models, map } = edit.rules;
  const named: ClientRules = { ...editedRules(before, edit), models: models ?? [], map: map ?? {} };
  if ((models ?? []).length > 0 || Object.keys(map ?? {}).length > 0) {
    const unknown = unknownNames(named, await catalogueNames(cli, where));
    if (unknown.length > 0) throw wrong(unknown);
  }
  return edit;
}

const wrong = (problems: readonly ClientProblem[]): Failure =>
  new Failure(problems.map(({ message }) => message).join("\nheadgate: "), EXIT.usage);

async function catalogueNames(cli: Cli, where: GatewayWhere): Promise<string[]> {
  const { resolved } = await assemble(cli, where);
  if (resolved === undefined)
    throw new Failure(
      "the catalogue has errors, so the names of models cannot be checked; headgate validate shows them",
    );
  const { catalog, table } = resolved;
  // With everything that is switched off, in whatever way.
  return [
    ...namesOf(table),
    ...catalog.providers.flatMap(({ models }) => models.map(({ alias }) => alias)),
    ...catalog.groups.map(({ name }) => name),
  ];
}
