/** What conversations still meet and nothing mends yet. A line goes when its problem does; the slice fails on any other. */
export const OPEN: readonly { readonly problem: RegExp; readonly why: string }[] = [
  { problem: /lost and not named: reasoning/, why: "reasoning of earlier turns is left out without a name" },
  {
    problem: /anthropic-(10|12|13|21|22|27) at /,
    why: "a body of the Messages wire passes to Claude as bytes, with what its model refuses",
  },
  {
    problem: /(openai-2[34]|responses-(schema|tool-name)) at /,
    why: "a body of the Responses wire passes to OpenAI as bytes, with what it refuses",
  },
  {
    problem: /gemini-(01|14) at /,
    why: "a body of Gemini's wire passes to Gemini as bytes, with what it refuses",
  },
  { problem: /ollama-0[34] at /, why: "Ollama's models differ in the values of think that they take" },
  {
    problem: /(groq-02|mistral-07) at \S*refusal/,
    why: "a chat client sends back `refusal`, which closed lists do not have",
  },
  {
    problem: /openrouter-sealed(-calls)? at /,
    why: "sealed reasoning_details of calls come back on the chat surface alone",
  },
  {
    problem: /(zai-03|deepseek-06|qwen-02) at /,
    why: "a tool_choice that the provider refuses passes on the same wire",
  },
  { problem: /cerebras-05 at /, why: "bounds and formats of a schema reach Cerebras, which refuses them" },
];
