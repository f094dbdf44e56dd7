/** The fields of fragments about backends on this machine. */
import { DRIVERS, loadOptionLack } from "@headgate/contract";
import type { LinkedFragment } from "../link/workspace.ts";
import { listOf, quote } from "../quote.ts";
import type { Report } from "../report.ts";
import { didYouMean } from "../suggest.ts";
import type { Lint } from "./lint.ts";

export const local: Lint = ({ fragments }, report) => {
  for (const fragment of fragments) {
    if (fragment.refused.has("local") || fragment.refused.has("tier")) continue;
    checkBackend(fragment, report);
    checkBringUp(fragment, report);
    checkMemory(fragment, report);
  }
};

function checkBackend({ id, source, fields }: LinkedFragment, report: Report): void {
  const { local, tier } = fields;
  if (local === undefined) return;
  if (tier !== undefined && tier !== "local") {
    report.add("HG334", source, {
      message: `\`${id}\` is of the tier \`${tier}\`, so it has no backend on this machine.`,
      at: { path: ["local"], what: "key" },
    });
  }
  const { slots } = DRIVERS[local.driver];
  if (slots !== undefined && local.slots !== undefined) {
    report.add("HG333", source, {
      message: `A backend of the kind \`${local.driver}\` serves ${slots} at a time, so that \`slots\` has no effect.`,
      at: { path: ["local", "slots"], what: "key" },
    });
  }
}

/** A secret's name; a variable of the shell that is called so is not for a local program. */
const SECRET = /(^|_)(KEY|KEYS|TOKEN|TOKENS|SECRET|PASSWORD|CREDENTIALS)(_|$)/;

function checkBringUp({ id, source, fields }: LinkedFragment, report: Report): void {
  const bringUp = fields.local?.bring_up;
  if (bringUp === undefined) return;
  const { compose, process } = bringUp;
  const path = ["local", "bring_up"] as const;
  const lacking = (message: string, fix: string, at: readonly string[]): void =>
    report.add("HG335", source, { message, fix, at: { path: [...path, ...at] } });

  const way = bringUp.default;
  if (way !== "external" && bringUp[way] === undefined) {
    lacking(
      `\`${id}\` comes up by \`${way}\`, and \`bring_up.${way}\` is not there.`,
      `Add \`${way}\` to \`bring_up\`, or write \`default: external\`.`,
      ["default"],
    );
  }
  if (compose !== undefined && (compose.image === undefined) === (compose.build === undefined)) {
    lacking(
      `The container of \`${id}\` has ${compose.image === undefined ? "neither `image` nor `build`" : "both `image` and `build`"}.`,
      "State exactly one of `image` and `build`.",
      ["compose"],
    );
  }
  if (process !== undefined && (process.command === undefined) === (process.builtin === undefined)) {
    lacking(
      `The program of \`${id}\` has ${process.command === undefined ? "neither `command` nor `builtin`" : "both `command` and `builtin`"}.`,
      "State exactly one of `command` and `builtin`.",
      ["process"],
    );
  }
  process?.inherit?.forEach((name, index) => {
    if (!SECRET.test(name)) return;
    report.add("HG336", source, {
      message: `\`${name}\` looks like a secret, and would be handed to ${quote(process.command ?? process.builtin ?? id)}.`,
      at: { path: [...path, "process", "inherit", index] },
    });
  });
}

function checkMemory({ id, source, fields, adapter, models }: LinkedFragment, report: Report): void {
  const driver = fields.local?.driver;
  const kinds = driver === undefined ? {} : DRIVERS[driver].options;
  const known = Object.keys(kinds);
  let told = false;
  for (const { model, path } of models) {
    const tier = model.tier ?? fields.tier;
    if (tier !== "local" || fields.tier !== "local") continue;
    if (model.memory === undefined) {
      if (adapter === undefined || adapter.transport === "in-process") continue;
      report.add("HG330", source, {
        message: `\`${model.alias}\` has no \`memory\`: its device and its bytes are unknown.`,
        at: { path: [...path, "alias"] },
      });
      continue;
    }
    if (driver === undefined) {
      if (told) continue;
      told = true;
      report.add("HG331", source, {
        message: `\`${model.alias}\` has \`memory\`, and \`${id}\` has no \`local\` that names the driver.`,
        at: { path: [...path, "memory"], what: "key" },
      });
      continue;
    }
    const { context_token, options = {} } = model.memory;
    const fixed = options.num_ctx !== undefined;
    if (context_token !== undefined && (fixed || DRIVERS[driver].contextTokens === undefined)) {
      report.add("HG337", source, {
        message: fixed
          ? `\`${model.alias}\` is loaded with the \`num_ctx\` of its options and no other, so \`context_token\` counts for nothing.`
          : `The driver \`${driver}\` has no load option for the context, so \`context_token\` counts for nothing.`,
        at: { path: [...path, "memory", "context_token"], what: "key" },
      });
    }
    for (const [name, value] of Object.entries(options)) {
      const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
      if (kind !== undefined) {
        const lack = loadOptionLack(kind, value);
        if (lack === undefined) continue;
        report.add("HG338", source, {
          message: `The load option ${quote(name)} of \`${model.alias}\` must be ${lack}, not ${quote(String(value))}.`,
          at: { path: [...path, "memory", "options", name] },
        });
        continue;
      }
      report.add("HG332", source, {
        message: `The driver \`${driver}\` does not know the load option ${quote(name)}.`,
        fix:
          known.length === 0
            ? `Delete it: \`${driver}\` has no load options.`
            : didYouMean(name, known, `Use one of ${listOf([...known])}.`),
        at: { path: [...path, "memory", "options", name], what: "key" },
      });
    }
  }
}
