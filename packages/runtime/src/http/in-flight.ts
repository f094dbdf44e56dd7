import { Roster } from "./roster.ts";

/** Counts running requests, their clean-up included, and ends those that are left when the gateway stops. */
export class InFlight {
  #count = 0;
  #idle: (() => void)[] = [];
  readonly #cuts = new Roster<() => void>();

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

  /** Registers how a request is ended. @returns its place, which it must `leave` */
  enter(cut: () => void): number {
    return this.#cuts.add(cut);
  }

  leave(place: number): void {
    this.#cuts.remove(place);
  }

  /** Ends every request that is registered. */
  cutAll(): void {
    for (const cut of this.#cuts.all()) cut();
  }

  /** Resolves when no request is running. */
  idle(): Promise<void> {
    return this.#count === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }
}
