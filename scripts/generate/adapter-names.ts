/** `schemas/adapter-name.schema.json`: the installed adapters, so that an editor flags any other name. */
import type { InstalledAdapter } from "@headgate/compiler";

export function adapterNames(adapters: readonly InstalledAdapter[]): string {
  const names = adapters.map(({ adapter }) => adapter);
  const list = JSON.stringify(names).replaceAll('","', '", "');
  return `{
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "$id": "adapter-name.schema.json",
  "title": "AdapterName",
  "description": "The adapter package for the provider's wire format. Absent: openai-compatible. Generated from packages/adapters by \`make generate\`.",
  "enum": ${list},
  "examples": ["openai-compatible"]
}
`;
}
