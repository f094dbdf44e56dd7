import { findSecrets } from "@headgate/diagnostics";
import type { Lint } from "./lint.ts";

/** Looks at the text, so that comments and files that do not parse are searched too. The value is never repeated. */
export const secret: Lint = ({ sources }, report) => {
  for (const source of sources) {
    if (source.sound) continue;
    for (const { name, start, end } of findSecrets(source.text)) {
      report.add("HG310", source, {
        message: `This looks like ${name}. A committed file must not hold it.`,
        at: { start, end },
      });
    }
  }
};
