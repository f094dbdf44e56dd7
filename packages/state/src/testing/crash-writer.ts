/** Writes as a busy gateway does, until it is killed. Argument: the file. Prints each cooldown once it is saved. */
import { writeSync } from "node:fs";
import { sqliteStore } from "../sqlite/store.ts";

const [path = ""] = process.argv.slice(2);
const store = sqliteStore({ path });
let count = 0;

function busy(): void {
  for (let i = 0; i < 3; i += 1) {
    count += 1;
    store.saveMeters([{ id: "clock", data: String(Date.now()) }]);
    store.saveCooldowns([{ id: `p${count}`, untilMs: count, streak: 1 }]);
    // Not buffered: what is printed is saved.
    writeSync(1, `${count}\n`);
  }
  setImmediate(busy);
}
busy();
