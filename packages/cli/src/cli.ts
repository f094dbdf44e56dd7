/** What a command is given by the program around it, so that tests can run one without a process. */

export interface Cli {
  /** The version of this package. */
  readonly version: string;
  readonly cwd: string;
  /** The shell's variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly nowMs: () => number;
  /** Whether to colour stdout; valid once the command line has been read. */
  readonly colour: () => boolean;
  /** Whether to colour stderr. */
  readonly colourErrors: () => boolean;
  /** Writes a line, or lines, to stdout: the answer itself. */
  readonly out: (text: string) => void;
  /** Writes a line, or lines, to stderr: everything that is said about the answer. */
  readonly err: (text: string) => void;
  /**
   * Asks a question on stderr; only `y` and `yes` mean yes. Undefined where nobody sits at a terminal to answer. Ctrl-C
   * ends the process, as it does elsewhere.
   */
  readonly confirm: ((question: string) => Promise<boolean>) | undefined;
  /** Whether stdout is a screen that may be drawn on again. */
  readonly screen: boolean;
  /** On a terminal, replaces the last line of stderr; empty text clears it. Elsewhere nothing. */
  readonly progress: (text: string) => void;
  /** True where `progress` shows something. */
  readonly terminal: boolean;
  /** Wraps what a command does, which answers the process's exit code. */
  readonly run: <Args extends readonly unknown[]>(
    handler: (...args: Args) => number | Promise<number>,
  ) => (...args: Args) => Promise<void>;
}

/** Exit codes, as people expect them. */
export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** A failure that the user can do something about: its message is shown alone, without a stack. */
export class Failure extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode: number = EXIT.failed) {
    super(message);
    this.name = "Failure";
    this.exitCode = exitCode;
  }
}

export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;
