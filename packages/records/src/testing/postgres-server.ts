/** A PostgreSQL cluster of its own in a temporary folder, where Debian's programs are installed. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

const VERSIONS = "/usr/lib/postgresql";

function findPrograms(): string | undefined {
  if (!existsSync(VERSIONS)) return undefined;
  const folders = readdirSync(VERSIONS).map((version) => join(VERSIONS, version, "bin"));
  return folders.find((folder) => existsSync(join(folder, "initdb")) && existsSync(join(folder, "postgres")));
}

/** PostgreSQL refuses to run as root, so Debian's own user runs it then. */
function findUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number =>
    Number(spawnSync("id", [flag, "postgres"], { encoding: "utf8" }).stdout);
  return { uid: id("-u"), gid: id("-g") };
}

const programs = findPrograms();
export const postgresIsHere = programs !== undefined;
if (!postgresIsHere) console.warn("records: postgresql is not installed; its tests are skipped");

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

export class PostgresServer {
  readonly url: string;
  readonly #stop: () => Promise<void>;

  private constructor(port: number, stop: () => Promise<void>) {
    this.url = `postgres://headgate@127.0.0.1:${port}/postgres`;
    this.#stop = stop;
  }

  static async start(): Promise<PostgresServer> {
    const user = findUser();
    const folder = mkdtempSync(join(tmpdir(), "headgate-pg-"));
    if (user !== undefined) chownSync(folder, user.uid, user.gid);
    const options = { cwd: folder, ...user };
    const data = join(folder, "data");
    const made = spawnSync(
      join(programs ?? "", "initdb"),
      ["-D", data, "-U", "headgate", "--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C"],
      { ...options, encoding: "utf8" },
    );
    if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}${made.error?.message ?? ""}`);
    const port = await freePort();
    const child = spawn(
      join(programs ?? "", "postgres"),
      ["-D", data, "-k", folder, "-h", "127.0.0.1", "-p", String(port), "-c", "fsync=off"],
      { ...options, stdio: ["ignore", "ignore", "pipe"] },
    );
    const said: string[] = [];
    const lines = createInterface({ input: child.stderr });
    await new Promise<void>((resolve, reject) => {
      lines.on("line", (line) => {
        said.push(line);
        if (line.includes("ready to accept connections")) resolve();
      });
      child.once("exit", () => reject(new Error(`postgres ended: ${said.join("\n")}`)));
    });
    return new PostgresServer(port, async () => {
      const ended = once(child, "exit");
      child.kill("SIGINT");
      await ended;
      rmSync(folder, { recursive: true });
    });
  }

  stop(): Promise<void> {
    return this.#stop();
  }
}
