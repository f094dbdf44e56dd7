import type { LabRequest } from "../lab-request.ts";
import { type Behaviour, behaviour, type Step } from "../step.ts";

/** Another behaviour with its steps rewritten one by one. */
export function mapSteps(
  name: string,
  inner: Behaviour,
  rewrite: (step: Step, request: LabRequest) => Iterable<Step>,
): Behaviour {
  return behaviour(name, async function* (request) {
    for await (const step of inner.plan(request)) yield* rewrite(step, request);
  });
}

/** The same head without a Content-Length, for bodies that change on the way out. */
export function unsized(step: Step): Step {
  if (step.kind !== "head") return step;
  const { "content-length": _, ...headers } = step.headers;
  return { ...step, headers };
}

/** Rewrites body bytes only; the head loses its Content-Length. */
export function mapBytes(
  name: string,
  inner: Behaviour,
  rewrite: (bytes: Buffer, request: LabRequest) => Iterable<Buffer>,
): Behaviour {
  return mapSteps(name, inner, function* (step, request) {
    if (step.kind !== "bytes") yield unsized(step);
    else for (const bytes of rewrite(step.bytes, request)) yield { kind: "bytes", bytes };
  });
}
