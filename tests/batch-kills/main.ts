/** `make batch-kills`: 20 kills of the gateway at random moments of one batch. Exit code 1 unless each line is there once. */
import { parseArgs } from "node:util";
import { batchUnderKills } from "./run.ts";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "20" },
    lines: { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
  },
});
const { customIds, expected, unanswered, kills, calls, exitCode, stderr } = await batchUnderKills({
  kills: Number(values.kills),
  lines: Number(values.lines),
  seed: Number(values.seed),
  answerMs: 100,
  log: (text) => console.log(text),
});
const sound =
  exitCode === 0 &&
  unanswered === 0 &&
  customIds.join() === expected.join() &&
  kills === Number(values.kills);
console.log(
  `${kills} kills, ${customIds.length} of ${expected.length} lines in the output, ${new Set(customIds).size} of them different, ${unanswered} without an answer, ${calls} calls: ${sound ? "sound" : `NOT SOUND\n${stderr}`}`,
);
process.exitCode = sound ? 0 : 1;
