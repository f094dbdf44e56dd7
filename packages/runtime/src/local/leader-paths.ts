/** What the processes of one state directory share: the leader lock's name, the leader's socket, and the folder of the process locks. */
import { createHash } from "node:crypto";
import { lstat, mkdir, realpath } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";

export interface LeaderPaths {
  /** The lock's name. It holds the machine and the state directory: replicas on other machines have other GPUs. */
  readonly leaderLock: string;
  /** The socket of the leader. */
  readonly path: string;
  /** The state directory, in which each process holds its process lock. */
  readonly folder: string;
}

/** A socket's path may have 103 bytes on macOS (107 on Linux). The leader listens under a longer name first. */
const MAX_PATH_BYTES = 90;

/** @throws {Error} with a readable message, where no folder for the socket can be trusted */
export async function leaderPaths(stateDir: string): Promise<LeaderPaths> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  const folder = await realpath(stateDir);
  const digest = createHash("sha256").update(folder).digest("hex").slice(0, 16);
  const leaderLock = `resources@${hostname()}/${digest}`;
  const path = join(folder, "resources.sock");
  if (Buffer.byteLength(path) <= MAX_PATH_BYTES) return { leaderLock, path, folder };
  const apart = join(tmpdir(), `headgate-${digest}`);
  await mkdir(apart, { mode: 0o700 }).catch(async (error: unknown) => {
    // Another user may have made a folder of that name before: it must be open to this user only.
    const found = await lstat(apart).catch(() => undefined);
    const mine = found?.isDirectory() === true && found.uid === process.getuid?.();
    if (!mine || (found.mode & 0o077) !== 0)
      throw new Error(`${apart} must be a folder of this user with mode 0700; remove it`, { cause: error });
  });
  return { leaderLock, path: join(apart, "resources.sock"), folder };
}
