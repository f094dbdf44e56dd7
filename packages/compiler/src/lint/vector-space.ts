import type { Lint } from "./lint.ts";

export const vectorSpace: Lint = ({ fragments }, report) => {
  for (const { source, models } of fragments) {
    for (const { model, path } of models) {
      if (model.operation !== "embedding" || model.vector_space !== undefined) continue;
      report.add("HG314", source, {
        message: `\`${model.alias}\` has no \`vector_space\`.`,
        at: { path: [...path, "operation"] },
      });
    }
  }
};
