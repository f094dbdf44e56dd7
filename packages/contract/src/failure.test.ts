import { expect, it } from "vitest";
import { type FailureClass, movesOn } from "./failure.ts";

it("a request moves on to the next candidate, unless every other would refuse it as well", () => {
  const classes: readonly FailureClass[] = [
    "rate_limit",
    "dead_key",
    "context_window",
    "content_filter",
    "bad_request",
    "server_error",
    "network",
  ];
  const staying = classes.filter((one) => !movesOn({ class: one, scope: "request", message: "no" }));
  expect(staying).toEqual(["content_filter", "bad_request"]);
});
