/** A process that runs until it is killed. Argument: the folder of its lock. Sends the lock's path, and whether it sees it as over. */
import { holdProcessLock, processLockReleased } from "../process-lock.ts";

const processLock = holdProcessLock(process.argv[2] ?? "");
process.once("disconnect", () => process.exit());
process.send?.({ path: processLock.path, over: processLockReleased(processLock.path) });
