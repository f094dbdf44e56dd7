import { setTimeout as pause } from "node:timers/promises";

/** Asks until the answer is yes; what is not awaited by design is awaited here. Throws when it never is. */
export async function eventually(ask: () => boolean | Promise<boolean>, withinMs = 5_000): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!(await ask())) {
    if (performance.now() > endMs) throw new Error(`not within ${withinMs} ms`);
    await pause(2);
  }
}
