/** What a gateway notes of a program it started, so that the next one can end what it left behind. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { endMarked, startOf } from "./group.ts";

interface Note {
  readonly pid: number;
  readonly mark: string;
  readonly owner: { readonly pid: number; readonly start: string | undefined };
}

export function writeNote(path: string, pid: number, mark: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const note: Note = { pid, mark, owner: { pid: process.pid, start: startOf(process.pid) } };
  writeFileSync(path, JSON.stringify(note), { mode: 0o600 });
}

export const removeNote = (path: string): void => rmSync(path, { force: true });

/**
 * Ends what an earlier gateway left behind.
 * @returns `owned` when the gateway that started it is still there: then it is that one's
 */
export async function clearOrphan(path: string, graceMs: number): Promise<"none" | "ended" | "owned"> {
  const note = readNote(path);
  if (note === undefined) return "none";
  const { mark, owner } = note;
  if (owner.start !== undefined && startOf(owner.pid) === owner.start) return "owned";
  const left = await endMarked(mark, graceMs);
  removeNote(path);
  return left > 0 ? "ended" : "none";
}

function readNote(path: string): Note | undefined {
  try {
    const note = JSON.parse(readFileSync(path, "utf8")) as Note;
    return typeof note.mark === "string" && typeof note.owner?.pid === "number" ? note : undefined;
  } catch {
    return undefined;
  }
}
