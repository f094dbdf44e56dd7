/** A process that lives until it is killed. Argument: the folder of its lock. Says the lock's path, having looked at it itself. */
import { beginLife, lifeIsOver } from "../life.ts";

const life = beginLife(process.argv[2] ?? "");
process.once("disconnect", () => process.exit());
process.send?.({ path: life.path, over: lifeIsOver(life.path) });
