import {
  CODES,
  type Code,
  compareDiagnostics,
  type Diagnostic,
  LineIndex,
  redactSecrets,
  type SourceFile,
  type Span,
} from "@headgate/diagnostics";

interface Words {
  readonly message: string;
  readonly fix?: string;
}

/** Collects findings about variables, each at its line of the .env file where it has one. */
export class EnvironmentReport {
  readonly #file: SourceFile | undefined;
  readonly #spans: ReadonlyMap<string, Span>;
  readonly #found: Diagnostic[] = [];

  constructor(file: SourceFile | undefined) {
    this.#file = file;
    this.#spans = file === undefined ? new Map() : assignments(file.text);
  }

  /** @param variable the one it is about; undefined when it is about all of them. */
  add(code: Code, variable: string | undefined, { message, fix }: Words): void {
    const span = variable === undefined ? undefined : this.#spans.get(variable);
    this.#found.push({
      code,
      severity: CODES[code].severity,
      message: redactSecrets(message),
      file: this.#file?.path ?? ".env",
      ...(span === undefined ? {} : { span }),
      fix: fix ?? CODES[code].fix,
    });
  }

  /** True when the variable is set in the file, rather than in the shell. */
  inFile(variable: string): boolean {
    return this.#spans.has(variable);
  }

  get variablesInFile(): Iterable<string> {
    return this.#spans.keys();
  }

  finish(): Diagnostic[] {
    return this.#found.sort(compareDiagnostics);
  }
}

/** The name and the place of each assignment; of several, the last, which is the one that counts. */
function assignments(text: string): Map<string, Span> {
  const lines = new LineIndex(text);
  const found = new Map<string, Span>();
  for (const match of text.matchAll(/^[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*[=:]/gm)) {
    const [whole, name = ""] = match;
    const start = match.index + whole.indexOf(name);
    found.set(name, lines.span(start, start + name.length));
  }
  return found;
}
