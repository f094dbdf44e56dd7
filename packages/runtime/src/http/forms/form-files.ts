/** A form's files: in memory while the budget has room, else in the gateway's own folder. */
import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import type { FormFile } from "@headgate/adapter-kit";
import { ClientError } from "../client-error.ts";
import type { MemoryHold } from "../memory-budget.ts";

/** Files of uploads may use this part of the memory budget; beyond it they go to the disk. */
const UPLOADS_SHARE = 0.5;

/** Where files are kept that find no room in memory. Private to this process, and made with the first file. */
export class UploadFolder {
  readonly #parent: string;
  readonly #path: string;

  /** @param stateDir absent: the system's folder for temporary files, under a random name */
  constructor(stateDir: string | undefined) {
    this.#parent = stateDir === undefined ? tmpdir() : join(stateDir, "uploads");
    const name = `${process.pid}-${randomUUID()}`;
    OWN.add(name);
    this.#path = join(this.#parent, stateDir === undefined ? `headgate-${name}` : name);
  }

  /** A path for a file that does not exist yet. */
  async file(): Promise<string> {
    await mkdir(this.#path, { recursive: true, mode: 0o700 });
    return join(this.#path, randomUUID());
  }

  async remove(): Promise<void> {
    await rm(this.#path, { recursive: true, force: true });
  }

  /** Deletes what processes left that ended without doing so. */
  async sweep(): Promise<void> {
    const names = await readdir(this.#parent).catch(() => []);
    const left = names.filter(
      (name) => /^[0-9]+-[0-9a-f-]{36}$/.test(name) && !OWN.has(name) && isLeft(name),
    );
    await Promise.all(left.map((name) => rm(join(this.#parent, name), { recursive: true, force: true })));
  }
}

/** Folders of this process: a container's next process may have the same id as the one before it. */
const OWN = new Set<string>();

function isLeft(name: string): boolean {
  const pid = Number.parseInt(name, 10);
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}

export interface KeptFile extends FormFile {
  /** Deletes it. */
  discard(): Promise<void>;
}

/** Reads a file of a form to its end. Where it breaks off, nothing of it stays. */
export async function keepFile(
  about: Pick<FormFile, "name" | "filename" | "contentType">,
  stream: Readable,
  hold: MemoryHold,
  folder: UploadFolder,
): Promise<KeptFile> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const rest = stream.iterator({ destroyOnReturn: false });
  // Not a loop over it: that would end the iterator with the first chunk that finds no room.
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
    const chunk = next.value as Buffer;
    bytes += chunk.length;
    chunks.push(chunk);
    if (!hold.take(chunk.length, UPLOADS_SHARE)) return spill(about, chunks, rest, folder);
  }
  return {
    ...about,
    bytes,
    async *open() {
      yield* chunks;
    },
    async discard() {},
  };
}

const cannotKeep = (error: NodeJS.ErrnoException): never => {
  throw new ClientError({
    status: 503,
    type: "server_error",
    code: "upload_not_kept",
    message: `The gateway cannot keep the upload on its disk (${error.code ?? "unknown error"}).`,
  });
};

async function spill(
  about: Pick<FormFile, "name" | "filename" | "contentType">,
  begun: readonly Buffer[],
  rest: AsyncIterable<Buffer>,
  folder: UploadFolder,
): Promise<KeptFile> {
  const path = await folder.file().catch(cannotKeep);
  const discard = (): Promise<void> => rm(path, { force: true });
  const file = await open(path, "wx", 0o600).catch(cannotKeep);
  let bytes = 0;
  const write = async (chunk: Buffer): Promise<void> => {
    await file.write(chunk).catch(cannotKeep);
    bytes += chunk.length;
  };
  try {
    for (const chunk of begun) await write(chunk);
    for await (const chunk of rest) await write(chunk);
  } catch (error) {
    await file.close();
    await discard();
    throw error;
  }
  await file.close();
  return { ...about, bytes, open: () => createReadStream(path), discard };
}
