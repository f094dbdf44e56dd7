/** The part of docs/compatibility.md about conversations. */
import { SURFACES, type SurfaceId } from "../support/matrix-surfaces.ts";
import { FAMILIES, type Tally } from "./pairs.ts";
import { TARGETS } from "./targets.ts";

/** Everything from here on is written by `make matrix` alone. */
export const CONVERSATIONS = "## Conversations";

const SHORT: Readonly<Record<SurfaceId, string>> = {
  openAiChat: "chat",
  responses: "responses",
  messages: "messages",
  ollama: "Ollama",
  gemini: "Gemini",
};

/** @param each how many conversations a cell has */
export function printConversations(
  tallies: readonly Tally[],
  each: { readonly single: number; readonly pair: number },
): string {
  const reasons: string[] = [];
  const cellOf = (tally: Tally | undefined): string => {
    if (tally === undefined || tally.tried === 0) return "–";
    const failed = tally.problems.reduce((sum, { count }) => sum + count, 0);
    if (failed === 0) return "✓";
    const notes = tally.problems.map(({ problem }) => {
      const text = problem.replace(/^\w+ turn: /, "");
      if (!reasons.includes(text)) reasons.push(text);
      return reasons.indexOf(text) + 1;
    });
    return `${failed} [${[...new Set(notes)].join(" ")}](#what-stops-conversations)`;
  };
  const surfaces = Object.keys(SURFACES) as SurfaceId[];
  const lines = [
    CONVERSATIONS,
    "",
    "Seeded conversations go through a real gateway, with the catalogue's own fragments, to strict twins of the providers: fakes that",
    "refuse what the provider refuses ([packages/upstream-lab](../packages/upstream-lab/README.md#strict-twins)). ✓: every conversation",
    "was accepted, and came back whole. A number counts problems; the list below names them. –: the model has no place for any.",
    "",
    `Per provider and surface, ${each.single} conversations each, whole and streamed in turn:`,
    "",
    `| | ${surfaces.map((surface) => SHORT[surface]).join(" | ")} |`,
    `| --- |${" --- |".repeat(surfaces.length)}`,
    ...TARGETS.map(({ name }) => {
      const row = surfaces.map((surface) =>
        cellOf(tallies.find((tally) => tally.surface === surface && tally.targets[0] === name)),
      );
      return `| ${name} | ${row.join(" | ")} |`;
    }),
    "",
    `From the provider of the row to that of the column, ${each.pair} conversations per pair, on all surfaces in turn: the first answers,`,
    "its answer is appended, and the next turn goes to the second.",
    "",
    `| | ${FAMILIES.map((_, index) => `${index + 1}`).join(" | ")} |`,
    `| --- |${" --- |".repeat(FAMILIES.length)}`,
    ...FAMILIES.map((first, index) => {
      const row = FAMILIES.map((second) =>
        cellOf(
          tallies.find(
            ({ targets }) => targets.length === 2 && targets[0] === first.name && targets[1] === second.name,
          ),
        ),
      );
      return `| ${index + 1}. ${first.name} | ${row.join(" | ")} |`;
    }),
    "",
    "### What stops conversations",
    "",
  ];
  if (reasons.length === 0) lines.push("Nothing: every conversation goes through.");
  for (const [at, reason] of reasons.entries()) lines.push(`${at + 1}. ${reason.replace(/[|<>]/g, " ")}`);
  return `${lines.join("\n")}\n`;
}
