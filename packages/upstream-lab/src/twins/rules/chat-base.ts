/** Rules that several chat providers share: the wire's form, valid JSON, pairs of call and result. */
import { argumentsNotText } from "../checks/calls.ts";
import { chatStructure } from "../checks/chat-structure.ts";
import { field, loneSurrogate } from "../checks/fields.ts";
import { role } from "../checks/messages.ts";
import { anyOf, type TwinRule } from "../rule.ts";

/** What no server of this wire takes. */
export const chatBase = (status = 400): readonly TwinRule[] => [
  {
    id: "chat-unicode",
    check: loneSurrogate,
    status: 400,
    words: "The request body is not valid JSON: unexpected end of a surrogate pair ({at})",
  },
  { id: "chat-structure", check: chatStructure, status, words: "Invalid '{at}': {value}" },
  {
    id: "chat-arguments",
    check: argumentsNotText,
    status,
    words: "{at}: Input should be a valid string",
  },
];

/** Providers that know neither the role developer nor `store`. */
export const noDeveloper = (status = 400): TwinRule => ({
  id: "cerebras-06",
  check: anyOf(role("developer"), field("store")),
  status,
  words: "{at}: unknown variant `{value}`, expected one of `system`, `user`, `assistant`, `tool`",
});
