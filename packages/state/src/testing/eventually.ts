import { setTimeout as pause } from "node:timers/promises";

/** Polls until `check` is true, for what cannot be awaited by design. @throws when it is not within the time */
export async function eventually(check: () => boolean | Promise<boolean>, withinMs = 5_000): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!(await check())) {
    if (performance.now() > endMs) throw new Error(`not within ${withinMs} ms`);
    await pause(2);
  }
}
