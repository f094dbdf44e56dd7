/** Routes on a path that several APIs share, distinguished by a header that only one API's clients send. */
import type { FastifyInstance } from "fastify";

type Strategy = Parameters<FastifyInstance["addConstraintStrategy"]>[0];
type Handler = Parameters<ReturnType<Strategy["storage"]>["set"]>[1];

/** @returns the `constraints` of a route for requests with that header; other requests go to the other routes */
export function requestsWith(app: FastifyInstance, header: string): Record<string, true> {
  // The router compiles the name into code, so it must be an identifier.
  const name = header.replaceAll("-", "");
  app.addConstraintStrategy({
    name,
    storage: () => {
      const handlers = new Map<unknown, Handler>();
      return { get: (key) => handlers.get(key) ?? null, set: (key, handler) => handlers.set(key, handler) };
    },
    deriveConstraint: (request) => request.headers[header] !== undefined,
    validate: () => {},
  });
  return { [name]: true };
}
