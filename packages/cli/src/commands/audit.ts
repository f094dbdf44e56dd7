import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { registerVerify } from "./keys.ts";

/** Another name for `keys verify`. */
export const registerAudit = (program: Command, cli: Cli): void => registerVerify(program, "audit", cli);
