/**
 * Model names as Ollama's clients write them: a name without a tag means `:latest`, so some clients add that.
 * It is removed, unless the whole name is known.
 */
import type { RouteIndex } from "@headgate/router";

export const plainName = (index: RouteIndex, name: string): string =>
  name.endsWith(":latest") && index.find(name) === undefined ? name.slice(0, -":latest".length) : name;
