/** Counts running requests, their clean-up included, and ends those that are left when the gateway stops. */
export class InFlight {
  #count = 0;
  #idle: (() => void)[] = [];
  readonly #cuts = new Set<() => void>();

  get count(): number {
    return this.#count;
  }

  async track<T>(work: () => Promise<T>): Promise<T> {
    this.#count += 1;
    try {
      return await work();
    } finally {
      this.#count -= 1;
      if (this.#count === 0) for (const resolve of this.#idle.splice(0)) resolve();
    }
  }

  /** Registers how a request is ended; it must `leave` with the same function. */
  enter(cut: () => void): void {
    this.#cuts.add(cut);
  }

  leave(cut: () => void): void {
    this.#cuts.delete(cut);
  }

  /** Ends every request that is registered. */
  cutAll(): void {
    for (const cut of [...this.#cuts]) cut();
  }

  /** Resolves when no request is running. */
  idle(): Promise<void> {
    return this.#count === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }
}
