/** What an upgrade changes in the meaning of an .env that is there already, told once per state directory. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { instanceModels, type RoutingTable } from "@headgate/contract";
import { writeFiles } from "../write-files.ts";

const NAME = "told.json";

/**
 * @param variables of .env
 * @returns sentences that were not told before; they count as told from now on
 */
export function newMeanings(
  stateDir: string,
  { providers }: RoutingTable,
  variables: Readonly<Record<string, string>>,
): readonly string[] {
  const told = readTold(stateDir);
  const sentences = providers.flatMap(({ id }) => {
    const variable = `${id.toUpperCase().replaceAll("-", "_")}_MODELS`;
    const text = variables[variable];
    if (!/_[1-9][0-9]?_MODELS$/.test(variable) || text === undefined) return [];
    return text.split(",").flatMap((part) => {
      const entry = part.trim();
      const [model] = instanceModels(entry);
      if (model === undefined || model.upstream === entry || model.operation === "chat") return [];
      const { upstream, operation } = model;
      return [
        `${variable}: ${entry} is the model ${upstream}, for ${operation}; earlier versions took it for a chat model of that whole id, which is written ${entry}:chat now`,
      ];
    });
  });
  const fresh = sentences.filter((sentence) => !told.has(sentence));
  if (fresh.length > 0) {
    const all = JSON.stringify([...told, ...fresh], null, 2);
    writeFiles(stateDir, new Map([[NAME, `${all}\n`]]));
  }
  return fresh;
}

function readTold(stateDir: string): ReadonlySet<string> {
  try {
    const list: unknown = JSON.parse(readFileSync(join(stateDir, NAME), "utf8"));
    return new Set(Array.isArray(list) ? list.filter((one) => typeof one === "string") : []);
  } catch {
    return new Set();
  }
}
