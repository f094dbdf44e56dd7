/** What conversations still meet and nothing mends yet. A line goes when its problem does; the slice fails on any other. */
export const OPEN: readonly { readonly problem: RegExp; readonly why: string }[] = [
  { problem: /-unicode at |anthropic-28 at /, why: "half of a surrogate pair is passed on as it is" },
  {
    problem: /lost its digits|lost and not named: text/,
    why: "an integer above 2^53 is rounded where arguments are a JSON value",
  },
  {
    problem: /Tools of the type \\?"custom\\?"/,
    why: "a custom tool of the Responses API goes to OpenAI alone",
  },
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
  { problem: /openai-0[12] at /, why: "gpt-5.4 and later take tools with an effort by /responses alone" },
  { problem: /ollama-0[34] at /, why: "Ollama's models differ in the values of think that they take" },
  {
    problem: /(groq-02|mistral-07) at \S*refusal/,
    why: "a chat client sends back `refusal`, which closed lists do not have",
  },
  {
    problem: /openrouter-sealed-calls at /,
    why: "sealed reasoning_details of calls come back on the chat surface alone",
  },
  {
    problem: /zai-03 at |deepseek-06 at /,
    why: "a tool_choice that the provider refuses passes on the same wire",
  },
  {
    problem: /takes no image in a tool's result/,
    why: "an image in a tool's result is not moved to a user's part",
  },
];
