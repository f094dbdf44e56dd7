/** Where the processes of one state directory meet: a leader lock in their store, a socket, and locks that show who lives. */
import { createHash } from "node:crypto";
import { lstat, mkdir, realpath } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";

export interface Meeting {
  /** Of this machine and this state directory: replicas on other machines have other GPUs. */
  readonly leaderLock: string;
  readonly path: string;
  /** The state directory itself, where each holds its lock. */
  readonly folder: string;
}

/** A socket's path takes 103 bytes on macOS (107 on Linux); it is listened at under a longer name first. */
const MAX_PATH_BYTES = 90;

/** @throws {Error} in words, where no folder for the socket can be trusted */
export async function meetingOf(stateDir: string): Promise<Meeting> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const folder = await realpath(stateDir);
  const digest = createHash("sha256").update(folder).digest("hex").slice(0, 16);
  const leaderLock = `resources@${hostname()}/${digest}`;
  const path = join(folder, "resources.sock");
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) return { leaderLock, path, folder };
  const apart = join(tmpdir(), `headgate-${digest}`);
  await mkdir(apart, { mode: 0o700 }).catch(async (error: unknown) => {
    // Anyone may have made a folder of that name before: it must be this user's, and this user's alone.
    const found = await lstat(apart).catch(() => undefined);
    const mine = found?.isDirectory() === true && found.uid === process.getuid?.();
    if (!mine || (found.mode & 0o077) !== 0)
      throw new Error(`${apart} must be a folder of this user with mode 0700; remove it`, { cause: error });
  });
  return { leaderLock, path: join(apart, "resources.sock"), folder };
}
