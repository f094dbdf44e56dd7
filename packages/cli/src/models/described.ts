/** What an Ollama of one's own states of its models: capabilities, windows, memory. Nothing is loaded for it. */
import { type FoundModel, type RoutingTable, withTag } from "@headgate/contract";
import type { ListedModel } from "@headgate/runtime/refresh-models";

const LOOK_MS = 30_000;

/** By provider, and by the model's name with its tag; a server that does not answer is left to the list itself. */
export async function describedModels(
  { providers }: RoutingTable,
  secrets: Readonly<Record<string, string>>,
  only: ReadonlySet<string>,
): Promise<ReadonlyMap<string, ReadonlyMap<string, ListedModel>>> {
  const servers = providers.filter(({ id, local }) => only.has(id) && local?.driver === "ollama");
  if (servers.length === 0) return new Map();
  const { lookOllama, PullError } = await import("@headgate/resources");
  const looks = servers.map(async ({ id, baseUrl, keyVars: [variable] }) => {
    if (baseUrl === undefined) return [];
    const token = variable === undefined ? undefined : secrets[variable];
    try {
      const models = await lookOllama({ baseUrl, token, known: [], signal: AbortSignal.timeout(LOOK_MS) });
      return [[id, new Map(models.map((model) => [withTag(model.upstream), listedOf(model)]))] as const];
    } catch (error) {
      if (error instanceof PullError) return [];
      throw error;
    }
  });
  return new Map((await Promise.all(looks)).flat());
}

const listedOf = ({
  upstream,
  operation,
  digest: _,
  dimensions: __,
  ...stated
}: FoundModel): ListedModel => ({
  ...stated,
  id: upstream,
  ...(upstream.endsWith(":latest") ? { alsoNamed: [upstream.slice(0, -":latest".length)] } : {}),
  operations: [operation],
  described: true,
});
