/** A process that writes records until it is killed; prints the number of each. Arguments: the file. */
import { openRecords } from "../open.ts";
import { recordOf } from "./samples.ts";

const [, , path = ""] = process.argv;
const records = await openRecords({
  place: { kind: "sqlite", path },
  retention: { keepMs: 1e12, maxBytes: 1e9 },
  warn: (message) => console.error(message),
});
let number = 0;
setInterval(() => {
  for (let more = 0; more < 20; more += 1) {
    number += 1;
    records.write(recordOf({ id: `n${number}`, uid: `n${number}`, atMs: Date.now(), durationMs: 0 }));
  }
  console.log(`${number} ${Date.now()}`);
}, 10);
