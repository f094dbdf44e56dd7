/** The servers that come with Headgate, each a program of its own. */
import { fileURLToPath } from "node:url";
import type { ProcessUp } from "@headgate/contract";

/** In a checkout the sources run, installed the built files. */
const EXTENSION = import.meta.filename.endsWith(".ts") ? ".ts" : ".js";

export const BUILT_IN: Readonly<Record<NonNullable<ProcessUp["builtin"]>, string>> = {
  espeak: fileURLToPath(new URL(`./espeak/main${EXTENSION}`, import.meta.url)),
};
