import { expect, it } from "vitest";
import { refusesShape } from "./shape-refusal.ts";

it.each([
  "'messages.1' : property 'reasoning_content' is unsupported",
  "messages[0].role: unknown variant `developer`, expected one of `system`, `user`",
  "Unexpected role 'user' after role 'tool'",
  "Tool call id was call_x but must be a-z, A-Z, 0-9, with a length of 9.",
  "messages[2]: invalid type: sequence, expected a string",
  "Extra inputs are not permitted, field: 'store'",
  "System message must be at the beginning.",
])("another provider may take what %j refuses", (message) => {
  expect(refusesShape(message)).toBe(true);
});

it.each(["`messages` is required", "temperature must be at most 2", "the image cannot be read"])(
  "no other provider takes what %j refuses",
  (message) => {
    expect(refusesShape(message)).toBe(false);
  },
);
