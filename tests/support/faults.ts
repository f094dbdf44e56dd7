/** Upstreams that break at an exact position, on any wire. */
import { type Behaviour, behaviour, type HealthyOptions, healthy, type Step } from "@headgate/upstream-lab";

/** The end of the text in an answer: frames from here on are never sent. */
export const BREAK = "~break~";

/** Sends the frames before the one with `BREAK`, then `fault`. */
export function breaking(answer: HealthyOptions, fault: readonly Step[] = [{ kind: "cut" }]): Behaviour {
  const inner = healthy(answer);
  return behaviour("breaking", async function* (ask) {
    for await (const step of inner.plan(ask)) {
      if (step.kind === "bytes" && step.bytes.includes(BREAK)) {
        yield* fault;
        return;
      }
      yield step;
    }
  });
}

/** Sends the first `bytes` bytes of the answer's body, then `fault`. */
export function breakingAtByte(
  answer: HealthyOptions,
  bytes: number,
  fault: readonly Step[] = [{ kind: "cut" }],
): Behaviour {
  const inner = healthy(answer);
  return behaviour("breakingAtByte", async function* (ask) {
    let left = bytes;
    for await (const step of inner.plan(ask)) {
      if (step.kind !== "bytes") {
        yield step;
        continue;
      }
      if (left > 0) yield { kind: "bytes", bytes: step.bytes.subarray(0, left) };
      left -= step.bytes.length;
      if (left <= 0) {
        yield* fault;
        return;
      }
    }
  });
}
