/** What `resolve` noticed, in words. */
import { listOf, quote } from "../quote.ts";
import type { EnvironmentReport } from "./env-report.ts";
import type { OddLine } from "./env-text.ts";
import type { GroupedIssue } from "./grouped.ts";

const BASE_URL_WORDS = {
  missing: "has no address",
  "not-a-url": "is not an address that can be used",
  "not-https": "is plain http:// to a far host: the key could be read on the way",
} as const;

export function reportOddLine({ kind, name }: OddLine, report: EnvironmentReport): void {
  switch (kind) {
    case "cut":
      report.add("HG523", name, {
        message: `The value of \`${name}\` ends at its first #: what follows is taken for a comment.`,
        fix: `Put the value in single quotes: \`${name}='…'\`.`,
      });
      break;
    case "unclosed":
      report.add("HG524", name, {
        message: `The value of \`${name}\` begins with a quote that nothing closes, so the quote is part of it.`,
        fix: "Close the quote, or delete it.",
      });
      break;
    case "duplicate":
      report.add("HG525", name, {
        message: `\`${name}\` is set more than once; the last value counts.`,
        fix: "Keep one of the lines.",
      });
      break;
    case "placeholder":
      report.add("HG526", name, {
        message: `The value of \`${name}\` is a placeholder, not a key.`,
        fix: "Fill in the key, or leave the value empty.",
      });
      break;
  }
}

export function reportIssue(issue: GroupedIssue, report: EnvironmentReport): void {
  switch (issue.kind) {
    case "flag-without-key":
      report.add("HG501", issue.flag, {
        message: `\`${issue.provider}\` is switched on, and \`${issue.variable}\` is not set.`,
        fix: `Fill in \`${issue.variable}\`, or set \`${issue.flag}=0\`.`,
      });
      break;
    case "key-without-flag":
      report.add("HG502", issue.variable, {
        message: `\`${issue.variable}\` is set, and \`${issue.provider}\` is off.`,
        fix: `Set \`${issue.flag}=1\` to use it, or leave the key empty.`,
      });
      break;
    case "mistaken-variable":
      report.add("HG503", issue.variable, {
        message: `\`${issue.variable}\` is not read by anything.`,
        fix: `Rename it to \`${issue.expected}\`.`,
      });
      break;
    case "flag-value":
      report.add("HG504", issue.flag, {
        message: `\`${issue.flag}\` is neither 1 nor 0, so \`${issue.provider}\` stays off.`,
        fix: `Write \`${issue.flag}=1\` or \`${issue.flag}=0\`.`,
      });
      break;
    case "unusable":
      report.add("HG514", issue.flag, {
        message: `\`${issue.provider}\` is switched on, and cannot be used: ${issue.reason}.`,
        fix: `Set \`${issue.flag}=0\`.`,
      });
      break;
    case "key-without-account":
      report.add("HG517", issue.variable, {
        message: `\`${issue.variable}\` is a token alone, and \`${issue.provider}\` needs the account too.`,
      });
      break;
    case "base-url":
      report.add("HG505", issue.variable, {
        message: `\`${issue.variable}\` ${BASE_URL_WORDS[issue.why]}, so \`${issue.provider}\` stays off.`,
      });
      break;
    case "unknown-model":
      report.add("HG506", issue.variable, {
        message: `\`${issue.variable}\` names ${quote(issue.model)}, which \`${issue.provider}\` does not have.`,
      });
      break;
    case "plan":
      report.add("HG522", issue.variable, {
        message: `\`${issue.variable}\` names no plan of \`${issue.provider}\`, so its usual limits hold.`,
        fix: `Write ${listOf(issue.choices.map((plan) => `\`${plan}\``))}, or delete the line.`,
      });
      break;
    case "bring-up":
      report.add("HG520", issue.variable, {
        message: `\`${issue.variable}\` is not a way to start \`${issue.provider}\`, so it is taken to run already.`,
        fix: `Write ${listOf(issue.ways.map((way) => `\`${way}\``))}.`,
      });
      break;
    case "instance-memory":
      report.add("HG521", issue.variable, {
        message: `\`${issue.variable}\` is not a device and a size, so the memory that the models of \`${issue.provider}\` need is unknown.`,
      });
      break;
    case "instance":
      report.add("HG516", issue.variable, {
        message: `\`${issue.provider}\` stays off: ${listOf(
          issue.missing.map((name) => `\`${name}\``),
          "and",
        )} ${issue.missing.length === 1 ? "is" : "are"} not set.`,
      });
      break;
    case "model-map":
      report.add("HG515", issue.variable, {
        message:
          issue.target === undefined
            ? `\`${issue.variable}\` has ${quote(issue.entry)}, which cannot be read.`
            : `\`${issue.variable}\` sends ${quote(issue.entry)} to ${quote(issue.target)}, and no alias or group is called that.`,
        ...(issue.target === undefined
          ? { fix: "Write `pattern:name`, with at most one `*` in the pattern." }
          : {}),
      });
      break;
    case "chains-empty": {
      const { aliases } = issue;
      const which = aliases.length === 1 ? "alias has" : "aliases have";
      report.add("HG507", undefined, {
        message: `${aliases.length} active ${which} no active fallback: ${listOf(
          aliases.map((alias) => `\`${alias}\``),
          "and",
        )}.`,
      });
      break;
    }
    case "group-empty":
      report.add("HG508", undefined, { message: `No member of the group \`${issue.group}\` is active.` });
      break;
    case "nothing-active":
      report.add("HG509", undefined, { message: "No provider is active." });
      break;
  }
}
