/** Where the user's own files are, for `validate`, which reads .env only where it names the folder. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Place } from "./place.ts";

const VARIABLE = "HEADGATE_OVERLAY_DIR";
/** The same as in the table of options, which takes longer to load than `validate` runs. */
export const DEFAULT_OVERLAY = "overlay";

/** @throws {Failure} as `overlayOf` */
export async function quickOverlay(
  cwd: string,
  place: Place,
  shell: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  if (shell[VARIABLE] === undefined && !mentions(join(place.home, ".env")))
    return join(place.home, DEFAULT_OVERLAY);
  const { overlayOf, readEnvFile } = await import("./environment.ts");
  return overlayOf(place, readEnvFile({ cwd, ...place }), shell);
}

function mentions(path: string): boolean {
  try {
    return readFileSync(path).includes(VARIABLE);
  } catch {
    // A missing .env names nothing; one that cannot be read is the affair of commands that need it.
    return false;
  }
}
