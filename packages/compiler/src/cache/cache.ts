/** A folder of texts by content address. It may be deleted at any time; whatever is wrong with it is a miss. */
import { createHash, hash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Room for two catalogues of 100,000 models. */
export const MAX_CACHE_BYTES = 256 * 1024 * 1024;
/** What a sweep leaves, so that the next writes need none. */
const KEPT_SHARE = 0.75;
const ENTRY = /^[0-9a-f]{64}(\.[0-9]+\.[0-9]+\.tmp)?$/;
const DIGEST_LENGTH = 64;

/** The address of an entry: everything that its text depends on. */
export function addressOf(...inputs: readonly string[]): string {
  const digest = createHash("sha256");
  for (const input of inputs) digest.update(`${input.length} `).update(input);
  return digest.digest("hex");
}

export class Cache {
  readonly directory: string;
  readonly #maxBytes: number;
  readonly #thread: number;
  #wrote = false;

  /** @param thread tells apart the writers of one process */
  constructor(directory: string, { maxBytes = MAX_CACHE_BYTES, thread = 0 } = {}) {
    this.directory = directory;
    this.#maxBytes = maxBytes;
    this.#thread = thread;
  }

  /** Undefined for an entry that is missing, truncated or damaged. */
  read(address: string): string | undefined {
    let entry: string;
    try {
      entry = readFileSync(join(this.directory, address), "utf8");
    } catch {
      return undefined;
    }
    const text = entry.slice(DIGEST_LENGTH);
    return entry.slice(0, DIGEST_LENGTH) === hash("sha256", text) ? text : undefined;
  }

  /** A reader sees the whole entry or none, also while another process writes it. Failures are ignored. */
  write(address: string, text: string): void {
    const path = join(this.directory, address);
    const draft = `${path}.${process.pid}.${this.#thread}.tmp`;
    try {
      if (!this.#wrote) mkdirSync(this.directory, { recursive: true });
      this.#wrote = true;
      writeFileSync(draft, hash("sha256", text) + text);
      renameSync(draft, path);
    } catch {
      try {
        rmSync(draft, { force: true });
      } catch {
        // Where nothing can be written there is nothing to remove.
      }
    }
  }

  /** After writes: deletes the oldest entries where the folder has grown beyond its bound. */
  sweep(): void {
    try {
      const entries = readdirSync(this.directory).flatMap((name) => {
        const path = join(this.directory, name);
        const stats = ENTRY.test(name) ? statSync(path, { throwIfNoEntry: false }) : undefined;
        return stats === undefined ? [] : [{ path, bytes: stats.size, ageMs: -stats.mtimeMs }];
      });
      let bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
      if (bytes <= this.#maxBytes) return;
      for (const entry of entries.sort((a, b) => b.ageMs - a.ageMs)) {
        if (bytes <= this.#maxBytes * KEPT_SHARE) break;
        rmSync(entry.path, { force: true });
        bytes -= entry.bytes;
      }
    } catch {
      // The next run that writes tries again.
    }
  }
}
