/** OpenRouter's `reasoning_details`: an upstream's seals, to be sent back unchanged. */
import { asList, asObject, asText } from "../../json.ts";
import type { Check } from "../rule.ts";
import { sealFault } from "../seal.ts";
import { callsOf, eachMessage, messagesOf } from "./messages.ts";

/** Gemini's word for calls without a seal, which clients pass through: https://github.com/RooCodeInc/Roo-Code/pull/10759 */
const NO_SEAL = "skip_thought_signature_validator";

/** An encrypted detail that is not this model's own. */
export const sealedDetailsChanged =
  (owner: string): Check =>
  (body, model) =>
    eachMessage((message, index) => {
      const bad = asList(message.reasoning_details)
        .map(asObject)
        .some(
          ({ type, data }) =>
            type === "reasoning.encrypted" &&
            data !== NO_SEAL &&
            sealFault(asText(data), `${owner}/${model}`, "reasoning") !== undefined,
        );
      return bad ? { at: `messages[${index}]` } : undefined;
    })(body, model);

/** After the last user message an assistant message with calls has no sealed detail, whichever model made them. */
export const sealedDetailsMissing: Check = (body) => {
  const messages = messagesOf(body);
  const from = messages.findLastIndex(({ role }) => role === "user");
  const at = messages.findIndex(
    (message, index) =>
      index > from &&
      callsOf(message).length > 0 &&
      !asList(message.reasoning_details).some((detail) => asObject(detail).type === "reasoning.encrypted"),
  );
  return at === -1 ? undefined : { at: `messages[${at}]` };
};
