import type { Lint } from "./lint.ts";

/** What .env sets for each instance, the fragment cannot set for all. */
const OF_EACH = ["base_url", "auth", "models_env"] as const;

export const instances: Lint = ({ fragments }, report) => {
  for (const { id, source, fields, models, adapter } of fragments) {
    if (fields.instances === undefined) continue;
    const { prefix, capabilities } = fields.instances;
    const atOdds = [
      ...OF_EACH.filter((field) => fields[field] !== undefined),
      ...(models.length > 0 ? (["models"] as const) : []),
    ];
    for (const field of atOdds) {
      report.add("HG207", source, {
        message: `\`${id}\` has instances, and each has its own \`${field}\`.`,
        fix: `Delete \`${field}\`; .env sets it with \`${prefix}_1_…\`.`,
        at: { path: [field], what: "key" },
      });
    }
    capabilities?.forEach((capability, index) => {
      if (adapter === undefined || adapter.capabilities.includes(capability)) return;
      report.add("HG302", source, {
        message: `The adapter \`${adapter.adapter}\` cannot carry \`${capability}\`.`,
        fix: `Remove \`${capability}\`.`,
        at: { path: ["instances", "capabilities", index] },
      });
    });
  }
};
