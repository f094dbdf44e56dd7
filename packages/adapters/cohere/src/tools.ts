/** Tools, and which of them may or must be called: https://docs.cohere.com/docs/tool-use-overview */
import { asArray, EncodeError } from "@headgate/adapter-kit";
import { type ChatRequest, type JsonObject, type JsonValue, present, type Tool } from "@headgate/contract";

const NO_PARAMETERS: JsonObject = { type: "object", properties: {} };

/**
 * The members of the body for tools.
 *
 * @param dropped gets `tools[].function.strict` where Cohere cannot enforce the schemas.
 * @throws {EncodeError} for a choice of an unknown tool.
 */
export function encodeTools(
  { tools = [], toolChoice }: ChatRequest,
  dropped: Set<string>,
): Record<string, JsonValue | undefined> {
  if (tools.length === 0) return {};
  const named = typeof toolChoice === "object" ? toolChoice.name : undefined;
  // Cohere can force a call but not a certain one: only the chosen tool is sent.
  const offered = named === undefined ? tools : tools.filter(({ name }) => name === named);
  if (offered.length === 0) throw new EncodeError(`there is no tool ${named}`, "tool_choice");
  return {
    tools: offered.map(({ name, description, parameters = NO_PARAMETERS }) => ({
      type: "function",
      function: present({ name, description, parameters }),
    })),
    strict_tools: strictTools(offered, dropped),
    tool_choice:
      named !== undefined || toolChoice === "required"
        ? "REQUIRED"
        : toolChoice === "none"
          ? "NONE"
          : undefined,
  };
}

/** One switch for all tools, each of which must require a parameter: https://docs.cohere.com/docs/structured-outputs */
function strictTools(tools: readonly Tool[], dropped: Set<string>): boolean | undefined {
  if (!tools.some(({ strict }) => strict === true)) return undefined;
  const able = tools.every(
    ({ strict, parameters }) => strict === true && (asArray(parameters?.required)?.length ?? 0) > 0,
  );
  if (able) return true;
  dropped.add("tools[].function.strict");
  return undefined;
}
