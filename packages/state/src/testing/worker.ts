/** A worker as `serve` would start one: takes leases until it gets "stop", and sends what it got. */
import { channelToPrimary } from "../workers/channel.ts";
import { remoteStore } from "../workers/remote.ts";
import { claim, FLIGHT, MINUTE, meter } from "./claims.ts";

const store = remoteStore({ channel: channelToPrimary(), timeoutMs: 5_000, onLost: () => process.exit(7) });
const limits = [claim([meter("rpm", MINUTE, 500), meter("flight", FLIGHT, 32)])];

process.on("message", async (order: unknown) => {
  if (order === "take") {
    let granted = 0;
    let leases = 0;
    for (let i = 0; i < 400; i += 1) {
      const grant = await store.shared?.reserve(limits, Date.now());
      if (grant?.ticket === undefined) continue;
      granted += 1;
      // Every fifth stays in flight.
      if (granted % 5 === 0 && leases < 15) leases += 1;
      else store.shared?.settle(grant.ticket, [], Date.now());
    }
    process.send?.({ granted, leases });
  } else if (order === "cooldown") {
    store.saveCooldowns([{ id: "from a killed worker", untilMs: 1, streak: 1 }]);
    process.kill(process.pid, "SIGKILL");
  } else if (order === "time") {
    const free = [claim([meter("free", { kind: "bucket", windowMs: 1_000 }, 1e9)])];
    const rounds = 2_000;
    const startMs = performance.now();
    for (let i = 0; i < rounds; i += 1) await store.shared?.reserve(free, Date.now());
    process.send?.({ roundTripUs: ((performance.now() - startMs) * 1_000) / rounds });
  }
});
process.send?.("ready");
