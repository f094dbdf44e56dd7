/** In a checkout the page is built when it is missing, or older than its sources. */
import { spawn } from "node:child_process";
import { existsSync, globSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Log } from "@headgate/runtime";
import { PAGE_DIRECTORY } from "../place.ts";

/** Builds the page where that is needed, beside the gateway's start. Until it is there, `/` says so. */
export function buildPage(log: Pick<Log, "error" | "info">): void {
  const room = dirname(PAGE_DIRECTORY);
  const repository = join(room, "..", "..");
  if (!existsSync(join(room, "vite.config.ts")) || !isStale(room)) return;
  const args = [join(repository, "scripts", "turbo.ts"), "build", "--filter=@headgate/dashboard"];
  const child = spawn(process.execPath, [...args, "--output-logs=errors-only"], {
    cwd: repository,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-4_000);
    });
  child.on("error", (error) => log.error(`the page cannot be built: ${error.message}`));
  child.on("close", (code) => {
    if (code === 0) log.info("the page is built");
    else log.error(`the page cannot be built; run make build to see why, or set HEADGATE_PAGE=off\n${said}`);
  });
  child.unref();
}

function isStale(room: string): boolean {
  const built = statSync(join(PAGE_DIRECTORY, "index.html"), { throwIfNoEntry: false })?.mtimeMs;
  if (built === undefined) return true;
  return globSync(["index.html", "vite.config.ts", "package.json", "src/**/*"], { cwd: room }).some(
    (path) => {
      const stat = statSync(join(room, path), { throwIfNoEntry: false });
      return stat?.isFile() === true && stat.mtimeMs > built;
    },
  );
}
