/** The last stage: what is written. Nothing here depends on an .env but `emitActive`, and nothing on the clock. */
import type { Catalog } from "@headgate/contract";
import type { InstalledAdapter } from "../load/adapters.ts";
import { composeFile, composeHostFile } from "./compose.ts";
import { diagnosticsView } from "./diagnostics-doc.ts";
import { envExampleView } from "./env-example.ts";
import { formatJson } from "./json.ts";
import { providersView } from "./providers-doc.ts";
import { adaptersModule, catalogModule } from "./typescript.ts";

export { dialectsDoc } from "./dialects-doc.ts";

/**
 * Everything that is committed and made from the catalogue: text by path, relative to the root.
 * Asynchronous only because the template engine is loaded when it is needed, and by no other command.
 */
export async function emitCatalog(input: {
  readonly catalog: Catalog;
  readonly adapters: readonly InstalledAdapter[];
}): Promise<Map<string, string>> {
  const { catalog, adapters } = input;
  const { render } = await import("./templates.ts");
  return new Map([
    [".env.example", render("env.example", envExampleView(catalog, adapters))],
    ["docs/diagnostics.md", render("diagnostics.md", diagnosticsView())],
    ["docs/providers.md", render("providers.md", providersView(catalog))],
    ["generated/adapters.ts", adaptersModule(adapters)],
    ["generated/catalog.json", `${formatJson(catalog)}\n`],
    ["generated/catalog.ts", catalogModule(catalog)],
    ["generated/docker-compose.host.yaml", composeHostFile(catalog)],
    ["generated/docker-compose.yaml", composeFile(catalog)],
  ]);
}
