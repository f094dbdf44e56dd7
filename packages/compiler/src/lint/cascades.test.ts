/** One slip is told once, at its cause, however many places it puts out of order. */
import { expect, it } from "vitest";
import { CHAINS, diagnosticsAfter, type Edit, GROQ } from "../testing/fixture.ts";

const told = async (...edits: Edit[]): Promise<string[]> =>
  (await diagnosticsAfter(...edits)).map(
    ({ code, file, span, message }) => `${code} ${file}:${span?.start.line} ${message}`,
  );

it("a renamed alias is told at its fragment, with the number of places that keep the old name", async () => {
  const found = await told([GROQ, "alias: groq-llama", "alias: groq-llamas"]);
  expect(found.filter((line) => !line.startsWith("HG320"))).toEqual([
    `HG413 ${GROQ}:17 8 places still say \`groq-llama\`, and no model has that alias.`,
  ]);
});

it("a misspelt name in one place stays a finding of that place", async () => {
  expect(await told([CHAINS, '"cerebras-llama": ["groq-llama"]', '"cerebras-llama": ["groq-lama"]'])).toEqual(
    [`HG402 ${CHAINS}:4 No model has the alias \`groq-lama\`.`],
  );
});

it("a changed tier is told at the tier, with the number of chains that it puts out of order", async () => {
  const chained: Edit = [
    CHAINS,
    '"demo": [], "oldie": "@spare"',
    '"demo": ["groq-llama", "oldie"], "oldie": ["groq-llama", "cerebras-llama"]',
  ];
  const local: Edit = [CHAINS, '"local-llama": [],', '"local-llama": ["groq-llama", "cerebras-llama"],'];
  const unused: Edit = [CHAINS, '"ladders": { "spare": ["oldie", "cerebras-llama"] }', '"ladders": {}'];
  const UNPRICED: Edit = [
    GROQ,
    "    capabilities: [tools]",
    "    price_unknown: none is published\n    capabilities: [tools]",
  ];
  expect(await told(chained, local, unused)).toEqual([]);
  const found = await told(chained, local, unused, [GROQ, "tier: free", "tier: paid"], UNPRICED);
  expect(found).toEqual([`HG409 ${GROQ}:4 3 chains are out of order by this tier.`]);
});
