/** A process that lives until it is killed. Argument: the folder of its lock. Says the lock's path, having looked at it itself. */
import { holdProcessLock, processLockReleased } from "../process-lock.ts";

const processLock = holdProcessLock(process.argv[2] ?? "");
process.once("disconnect", () => process.exit());
process.send?.({ path: processLock.path, over: processLockReleased(processLock.path) });
