/** `make fuzz`: 200,000 damaged requests and 50,000 damaged answers. Exit code 1 where there is a finding. */
import { parseArgs } from "node:util";
import { fuzz } from "./run.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    bodies: { type: "string", default: "200000" },
    answers: { type: "string", default: "50000" },
    "hang-ms": { type: "string", default: "1000" },
    only: { type: "string" },
  },
});
const seed = Number(values.seed);
const SLICE = 5_000;
let bodies = Number(values.bodies);
let answers = Number(values.answers);
const only = values.only === undefined ? undefined : Number(values.only);
const findings: string[] = [];
let slowestMs = 0;
let slice = 0;
const startedMs = performance.now();
while (bodies > 0 || answers > 0) {
  const plan = {
    seed: seed + slice * 104_729,
    bodies: Math.min(bodies, SLICE),
    answers: Math.min(answers, SLICE / 4),
    hangMs: Number(values["hang-ms"]),
    width: only === undefined ? 8 : 1,
    ...(only === undefined ? {} : { only }),
  };
  const report = await fuzz(plan);
  for (const finding of report.findings) console.log(`seed ${plan.seed}: ${finding}`);
  findings.push(...report.findings);
  slowestMs = Math.max(slowestMs, report.slowestMs);
  bodies -= plan.bodies;
  answers -= plan.answers;
  slice += 1;
  console.error(
    `slice ${slice}: ${report.findings.length} findings, ${Math.round((performance.now() - startedMs) / 1000)} s`,
  );
}
console.log(
  `seed ${seed}: ${values.bodies} bodies and ${values.answers} answers, ${findings.length} findings, slowest ${Math.round(slowestMs)} ms`,
);
process.exitCode = findings.length === 0 ? 0 : 1;
