import { isUtf8 } from "node:buffer";
import {
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  realpathSync,
  type Stats,
  statSync,
} from "node:fs";
import { join, sep } from "node:path";
import type { Code } from "@headgate/diagnostics";
import { LineIndex, printable } from "@headgate/diagnostics/text";

/** Largest fragment in bytes: far beyond any provider's models. */
export const MAX_FRAGMENT_BYTES = 1024 * 1024;
/** Largest file of chains or groups in bytes. */
export const MAX_CHAINS_BYTES = 4 * 1024 * 1024;

/** A file as it was read, before anything is made of it. */
export interface FoundFile {
  /** Relative to the root, with forward slashes; absolute in an overlay that is elsewhere. */
  readonly path: string;
  readonly text: string;
}

/** What became of a file. `unread` was reported; nothing is known about its content. */
export type ReadResult = FoundFile | "absent" | "unread";

/** Takes a finding about a path. */
export type Tell = (
  code: Code,
  path: string,
  words: { readonly message: string; readonly fix?: string },
) => void;

/** Texts by path that are taken in place of what files hold. */
export type Drafts = ReadonlyMap<string, string>;

/** Reads files under one root, and refuses what is not a regular UTF-8 file of bounded size inside it. */
export class Reader {
  readonly root: string;
  readonly #realRoot: string;
  readonly #tell: Tell;
  readonly #drafts: Drafts;
  readonly #prefix: string;

  /** @param prefix what messages put before a path, for a root that is not the catalogue's */
  constructor(
    root: string,
    tell: Tell,
    {
      drafts = new Map(),
      prefix = "",
    }: { readonly drafts?: Drafts | undefined; readonly prefix?: string } = {},
  ) {
    this.root = root;
    this.#tell = (code, path, words) => tell(code, this.shown(path), words);
    this.#drafts = drafts;
    this.#prefix = prefix;
    this.#realRoot = realOf(root) ?? root;
  }

  /** A path as messages name it. */
  shown(path: string): string {
    return this.#prefix + path;
  }

  /** @param path relative to the root, with forward slashes. */
  read(path: string, maxBytes: number): ReadResult {
    const full = join(this.root, path);
    const shown = printable(this.shown(path));
    try {
      const draft = this.#drafts.get(this.shown(path));
      const stats = this.#inside(path, full);
      if (stats === "unread" || (stats === "absent" && draft === undefined)) return stats;
      if (stats !== "absent" && !stats.isFile()) {
        this.#tell("HG111", path, { message: `\`${shown}\` is not a regular file.` });
        return "unread";
      }
      const size = draft !== undefined ? Buffer.byteLength(draft) : stats === "absent" ? 0 : stats.size;
      const bytes =
        size > maxBytes ? undefined : draft === undefined ? readFileSync(full) : Buffer.from(draft);
      if (bytes === undefined || bytes.length > maxBytes) {
        this.#tell("HG105", path, {
          message: `The file has ${size} bytes; at most ${maxBytes} are read.`,
        });
        return "unread";
      }
      if (!isUtf8(bytes)) {
        this.#tell("HG104", path, {
          message: `The file is not UTF-8 at ${badPlace(bytes)}${bytes.includes(0) ? "; it looks like a binary file or UTF-16" : ""}.`,
        });
        return "unread";
      }
      // TextDecoder drops a byte order mark, as editors do.
      return { path: this.shown(path), text: new TextDecoder().decode(bytes) };
    } catch (error) {
      this.#tell("HG111", path, { message: `It cannot be read: ${reasonOf(error)}.` });
      return "unread";
    }
  }

  /** What is at a path; a link that leaves the root is reported and refused. */
  kindOf(path: string): "folder" | "other" | "absent" | "refused" {
    const stats = this.#inside(path, join(this.root, path));
    if (stats === "absent") return this.#drafted(path).length > 0 ? "folder" : "absent";
    if (stats === "unread") return "refused";
    return stats.isDirectory() ? "folder" : "other";
  }

  /** The names in a folder, sorted, those of drafts included. @returns undefined where it cannot be read */
  list(folder: string): string[] | undefined {
    try {
      const full = join(this.root, folder);
      const names = existsSync(full) ? readdirSync(full) : [];
      return [...new Set([...names, ...this.#drafted(folder)])].sort();
    } catch {
      this.#tell("HG111", folder, {
        message: `The folder \`${printable(this.shown(folder))}\` cannot be read.`,
      });
      return undefined;
    }
  }

  /** Names that drafts give a folder. */
  #drafted(folder: string): string[] {
    const prefix = folder === "" ? this.#prefix : `${this.shown(folder)}/`;
    return [...this.#drafts.keys()].flatMap((path) =>
      path.startsWith(prefix) ? [path.slice(prefix.length).split("/")[0] ?? ""] : [],
    );
  }

  #inside(path: string, full: string): Stats | "absent" | "unread" {
    const own = lstatSync(full, { throwIfNoEntry: false });
    if (own === undefined) return "absent";
    if (!own.isSymbolicLink()) return own;
    const target = realOf(full);
    if (target === undefined) {
      this.#tell("HG111", path, { message: `\`${printable(this.shown(path))}\` is a link to nothing.` });
      return "unread";
    }
    if (target !== this.#realRoot && !target.startsWith(this.#realRoot + sep)) {
      this.#tell("HG106", path, {
        message: `\`${printable(this.shown(path))}\` is a link that leaves the root.`,
      });
      return "unread";
    }
    return statSync(target);
  }
}

function realOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

const reasonOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : "an unknown error";

/** The place of the first character that is not UTF-8, as editors count: `line 3, column 10`. */
function badPlace(bytes: Buffer): string {
  const text = new TextDecoder().decode(bytes);
  const { line, column } = new LineIndex(text).position(Math.max(0, text.indexOf("\ufffd")));
  return `line ${line}, column ${column}`;
}
