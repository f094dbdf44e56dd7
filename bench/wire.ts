/** The bytes of the benchmark: the clients' requests, the upstream's answers, and the marks with times. */

export const MODEL = "bench-chat";

const SYSTEM =
  "You are a careful assistant. Answer in plain sentences, say what you do not know, and keep to the question. ".repeat(
    6,
  );

/** A chat request of about 1 KB. Its text holds the upstream's instructions, which every gateway passes unchanged. */
export function chatBody(streaming?: { chunks: number; paceMs: number }): string {
  const order =
    streaming === undefined ? "" : ` (bench: chunks=${streaming.chunks} paceMs=${streaming.paceMs})`;
  return JSON.stringify({
    model: MODEL,
    messages: [
      { role: "system", content: SYSTEM },
      { role: "user", content: `Why does water in a canal need a headgate?${order}` },
    ],
    temperature: 0.2,
    max_tokens: 256,
    ...(streaming === undefined ? {} : { stream: true }),
  });
}

/** The upstream's whole (not streamed) answer: about 600 bytes of JSON. */
export const COMPLETION = JSON.stringify({
  id: "chatcmpl-bench0000000000000000",
  object: "chat.completion",
  created: 1_760_000_000,
  model: MODEL,
  choices: [
    {
      index: 0,
      message: {
        role: "assistant",
        content:
          "A headgate stands where a canal leaves its river. It lets in as much water as the canal may take, and no more, so that a flood does not wash the banks away and everyone further down gets the share that is theirs by right.",
        refusal: null,
      },
      logprobs: null,
      finish_reason: "stop",
    },
  ],
  usage: { prompt_tokens: 152, completion_tokens: 49, total_tokens: 201 },
  system_fingerprint: "fp_bench",
});

const chunk = (delta: object, finish: string | null): string =>
  `data: ${JSON.stringify({
    id: "chatcmpl-bench0000000000000000",
    object: "chat.completion.chunk",
    created: 1_760_000_000,
    model: MODEL,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  })}\n\n`;

const MARK = "@";
const MARK_DIGITS = 16;
const [CONTENT_HEAD = "", CONTENT_TAIL = ""] = chunk({ content: `${MARK}~` }, null).split("~");

/** One content frame with its time of sending, in µs of the machine's monotonic clock. */
export const contentFrame = (sentUs: number): string =>
  `${CONTENT_HEAD}${String(sentUs).padStart(MARK_DIGITS, "0")} ${CONTENT_TAIL}`;

export const ROLE_FRAME = chunk({ role: "assistant", content: "" }, null);
export const LAST_FRAME = chunk({}, "stop");
export const USAGE_FRAME = `data: ${JSON.stringify({
  id: "chatcmpl-bench0000000000000000",
  object: "chat.completion.chunk",
  created: 1_760_000_000,
  model: MODEL,
  choices: [],
  usage: { prompt_tokens: 152, completion_tokens: 49, total_tokens: 201 },
})}\n\n`;
export const DONE_FRAME = "data: [DONE]\n\n";

/** µs of the monotonic clock, which all processes of one machine share. */
export const nowUs = (): number => Number(process.hrtime.bigint() / 1000n);

const NEEDLE = `"${MARK}`;

/** Finds the marks in a decoded stream, however it was cut, and whether its end came. */
export class MarkReader {
  #tail = "";
  #onMark: (sentUs: number) => void;
  done = false;

  constructor(onMark: (sentUs: number) => void) {
    this.#onMark = onMark;
  }

  push(text: string): void {
    const all = this.#tail + text;
    let from = 0;
    for (;;) {
      const at = all.indexOf(NEEDLE, from);
      const end = at + NEEDLE.length + MARK_DIGITS;
      if (at === -1 || end > all.length) {
        if (all.includes("data: [DONE]", from)) this.done = true;
        this.#tail = at === -1 ? all.slice(Math.max(from, all.length - 16)) : all.slice(at);
        return;
      }
      this.#onMark(Number(all.slice(at + NEEDLE.length, end)));
      from = end;
    }
  }
}
