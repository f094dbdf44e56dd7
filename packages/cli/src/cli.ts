/** What a command gets from the program, so that tests can run one without a process. */

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
  /** Writes lines to stdout: the result itself. */
  readonly out: (text: string) => void;
  /** Writes lines to stderr: everything about the result. */
  readonly err: (text: string) => void;
  /**
   * Writes a question to stderr and reads the answer; only `y` and `yes` mean yes. Undefined without a terminal. Ctrl-C
   * ends the process.
   */
  readonly confirm: ((question: string) => Promise<boolean>) | undefined;
  /**
   * Writes a question to stderr and reads one line of stdin. Undefined at the end of the input.
   * @param hidden the terminal does not show what is typed or pasted
   */
  readonly ask: (question: string, hidden?: boolean) => Promise<string | undefined>;
  /** Whether stdout is a terminal that can be redrawn. */
  readonly screen: boolean;
  /** On a terminal, replaces the last line of stderr; empty text clears it. Without one it does nothing. */
  readonly progress: (text: string) => void;
  /** True where `progress` shows something. */
  readonly terminal: boolean;
  /** Wraps a command's handler, which returns the process's exit code. */
  readonly run: <Args extends readonly unknown[]>(
    handler: (...args: Args) => number | Promise<number>,
  ) => (...args: Args) => Promise<void>;
}

export const EXIT = { ok: 0, failed: 1, usage: 2 } as const;

/** A failure that the user can fix: only its message is printed, without a stack. */
export class Failure extends Error {
  readonly exitCode: number;
  constructor(message: string, exitCode: number = EXIT.failed) {
    super(message);
    this.name = "Failure";
    this.exitCode = exitCode;
  }
}

export const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? "" : "s"}`;
