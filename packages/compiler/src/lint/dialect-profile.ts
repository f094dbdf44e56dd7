import { quote } from "../quote.ts";
import { suggester } from "../suggest.ts";
import { dialectsIn } from "./dialect-places.ts";
import type { Lint } from "./lint.ts";

/** `like` names a profile of providers/dialects.yaml, and no profile is like itself. */
export const dialectProfile: Lint = (workspace, report) => {
  const profiles = workspace.dialects?.value.profiles ?? {};
  const suggest = suggester(new Set(Object.keys(profiles)));
  for (const { source, path, dialect } of dialectsIn(workspace)) {
    const { like } = dialect;
    if (like === undefined) continue;
    const at = { path: [...path, "like"] };
    if (!Object.hasOwn(profiles, like)) {
      const meant = suggest(like);
      report.add("HG326", source, {
        message: `No profile is called ${quote(like)}.`,
        ...(meant === undefined ? {} : { fix: `Did you mean \`${meant}\`?` }),
        at,
      });
    } else if (isCircle(like, profiles))
      report.add("HG326", source, { message: `The profile ${quote(like)} is like itself.`, at });
  }
};

function isCircle(from: string, profiles: Readonly<Record<string, { like?: string } | undefined>>): boolean {
  const seen = new Set<string>();
  for (let name: string | undefined = from; name !== undefined; name = profiles[name]?.like) {
    if (seen.has(name)) return true;
    seen.add(name);
  }
  return false;
}
