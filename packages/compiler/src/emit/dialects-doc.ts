/** `docs/dialects.md`: every rule of a dialect, and the exchange that proves it. */
import type { DialectRule } from "../link/proofs.ts";

const HEAD = `# Rules of dialects and their proofs

Without the rule this exchange of a provider's fixtures is sent otherwise; \`tests/dialect-keys.test.ts\` takes each rule away and
compares. A profile of [providers/dialects.yaml](../providers/dialects.yaml) is proven by one of the providers that are like it.

| where | rule | exchange |
|---|---|---|
`;

export const dialectsDoc = (rules: readonly DialectRule[]): string =>
  HEAD +
  rules
    .map(({ owner, rule, proof }) => {
      const shown = proof === undefined ? "none" : `${proof.provider}: ${proof.why}`;
      return `| ${[owner, rule, shown].map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
    })
    .sort()
    .join("");
