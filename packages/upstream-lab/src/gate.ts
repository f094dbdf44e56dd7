/**
 * A point where a behaviour waits until the test opens it: control without pauses.
 *
 * It starts shut. `reached()` resolves when an upstream waits at it, with everything earlier sent.
 */
export interface Gate {
  /** Lets all waits through, now and from now on. */
  open(): void;
  /** Lets `count` waits through (default 1), future ones included. */
  pass(count?: number): void;
  /** Resolves once the gate has been reached `count` times in all (default 1), counting those already past it. */
  reached(count?: number): Promise<void>;
  /** The number of current waits. */
  readonly waiting: number;
  /** Used by the lab: resolves true when let through, false when `gone` fires first. */
  enter(gone: AbortSignal): Promise<boolean>;
}

export function createGate(): Gate {
  let open = false;
  let permits = 0;
  let arrivals = 0;
  const queue = new Set<() => void>();
  const watchers = new Set<{ readonly count: number; readonly resolve: () => void }>();

  const release = (): void => {
    for (const letThrough of [...queue]) {
      if (!open && permits === 0) return;
      if (!open) permits -= 1;
      letThrough();
    }
  };

  return {
    open() {
      open = true;
      release();
    },
    pass(count = 1) {
      permits += count;
      release();
    },
    reached(count = 1) {
      if (arrivals >= count) return Promise.resolve();
      return new Promise((resolve) => {
        watchers.add({ count, resolve });
      });
    },
    get waiting() {
      return queue.size;
    },
    enter(gone) {
      arrivals += 1;
      for (const watcher of watchers) {
        if (watcher.count > arrivals) continue;
        watchers.delete(watcher);
        watcher.resolve();
      }
      if (gone.aborted) return Promise.resolve(false);
      return new Promise((resolve) => {
        const settle = (through: boolean): void => {
          queue.delete(letThrough);
          gone.removeEventListener("abort", giveUp);
          resolve(through);
        };
        const letThrough = (): void => settle(true);
        const giveUp = (): void => settle(false);
        gone.addEventListener("abort", giveUp, { once: true });
        queue.add(letThrough);
        release();
      });
    },
  };
}
