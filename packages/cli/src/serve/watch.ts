/** Runs `act` when the given paths change, once per burst of changes, and never twice at the same time. */
import { watch } from "chokidar";

/** Editors write in several steps; `act` runs this long after the last, in ms. */
const QUIET_MS = 150;

export interface Watching {
  close(): Promise<void>;
}

/** Resolves once every later change is noticed. */
export async function onChange(paths: readonly string[], act: () => Promise<void>): Promise<Watching> {
  let timer: NodeJS.Timeout | undefined;
  let running = false;
  let again = false;
  const run = async (): Promise<void> => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    do {
      again = false;
      await act();
    } while (again);
    running = false;
  };
  const watcher = watch([...paths], { ignoreInitial: true });
  watcher.on("all", () => {
    clearTimeout(timer);
    timer = setTimeout(() => void run(), QUIET_MS);
  });
  await new Promise<void>((ready) => watcher.once("ready", ready));
  return {
    async close() {
      clearTimeout(timer);
      await watcher.close();
    },
  };
}
