/** Lines of stdin, one per question. The terminal stays in line mode, so Ctrl-C remains a signal, except for hidden lines. */
import { StringDecoder } from "node:string_decoder";

export type Input = NodeJS.ReadableStream & {
  readonly isTTY?: boolean;
  setRawMode?(raw: boolean): unknown;
};

export interface LineReader {
  /** Undefined at the end of the input. */
  next(): Promise<string | undefined>;
  /** Of a terminal, which does not show it. */
  hidden(output: { write(text: string): unknown }): Promise<string | undefined>;
  close(): void;
}

const CTRL_C = "\u0003";
const CTRL_D = "\u0004";
const ENDS = new RegExp(`[\r\n${CTRL_C}${CTRL_D}]`);
const ESCAPE = "\u001b";
const PASTE_MARKS = new RegExp(`${ESCAPE}\\[20[01]~`, "g");

/** What Ctrl-C does in line mode. */
const interrupt = (): void => void process.kill(process.pid, "SIGINT");

/** A typed line with its backspaces applied, and without the marks that terminals put around a paste. */
function erased(line: string): string {
  const kept: string[] = [];
  for (const character of line.replace(PASTE_MARKS, "")) {
    if (character === "\u007f" || character === "\b") kept.pop();
    else kept.push(character);
  }
  return kept.join("");
}

export function lineReader(input: Input): LineReader {
  const decoder = new StringDecoder("utf8");
  let pending = "";
  let ended = false;
  let wake = (): void => {};
  const onData = (part: Buffer | string): void => {
    pending += typeof part === "string" ? part : decoder.write(part);
    wake();
  };
  const onEnd = (): void => {
    ended = true;
    wake();
  };
  input.on("data", onData).on("end", onEnd).on("close", onEnd);
  const more = (): Promise<void> => {
    input.resume();
    return new Promise<void>((resolve) => {
      wake = resolve;
    }).then(() => void input.pause());
  };
  const next = async (): Promise<string | undefined> => {
    for (;;) {
      const found = /\r\n|\r|\n/.exec(pending);
      if (found !== null) {
        const line = pending.slice(0, found.index);
        pending = pending.slice(found.index + found[0].length);
        return line;
      }
      if (ended) {
        const last = pending;
        pending = "";
        return last === "" ? undefined : last;
      }
      await more();
    }
  };
  return {
    next,
    async hidden(output) {
      // In raw mode the terminal neither shows nor edits the line, and sends no signal.
      input.setRawMode?.(true);
      try {
        for (;;) {
          const end = ENDS.exec(pending);
          if (end === null && !ended) {
            await more();
            continue;
          }
          const line = end === null ? pending : pending.slice(0, end.index);
          pending = end === null ? "" : pending.slice(end.index + 1);
          if (end?.[0] === CTRL_C) interrupt();
          return end?.[0] === CTRL_C || (line === "" && end?.[0] !== "\r" && end?.[0] !== "\n")
            ? undefined
            : erased(line);
        }
      } finally {
        input.setRawMode?.(false);
        output.write("\n");
      }
    },
    close() {
      input.off("data", onData).off("end", onEnd).off("close", onEnd);
      input.pause();
    },
  };
}
