import {
  CODES,
  type Code,
  compareDiagnostics,
  type Diagnostic,
  redactSecrets,
  type Span,
} from "@headgate/diagnostics";
import type { At, Source } from "./load/source.ts";

export interface Finding {
  /** One line, with names in backticks. */
  readonly message: string;
  /** What to do here; absent: the code's general fix. */
  readonly fix?: string;
  readonly at?: At;
  readonly related?: readonly { readonly message: string; readonly source: Source; readonly at: At }[];
}

/** A finding at the file that decides the place, where several are read as one. */
function traced(where: Source | string, finding: Finding): { where: Source | string; finding: Finding } {
  const related = finding.related?.map((other) => ({ ...other, ...other.source.trace(other.at) }));
  const own = typeof where === "string" || finding.at === undefined ? undefined : where.trace(finding.at);
  return {
    where: own?.source ?? where,
    finding: {
      ...finding,
      ...(own === undefined ? {} : { at: own.at }),
      ...(related === undefined ? {} : { related }),
    },
  };
}

/** Findings that are looked at for repetitions. */
const MAX_REMEMBERED = 20_000;

interface Pending extends Finding {
  readonly code: Code;
  readonly where: Source | string;
}

/**
 * Findings of one code in one file that are reported one by one. A file with a million of them would otherwise keep a
 * build busy for minutes and fill its log.
 */
export const MAX_ALIKE = 200;

/** Collects findings. Places are worked out at the end, file by file, so that each file is parsed for them once. */
export class Report {
  readonly #pending: Pending[] = [];
  /** How many findings of a code a file has, reported or not. */
  readonly #alike = new Map<string, { readonly code: Code; readonly path: string; count: number }>();
  readonly #said = new Set<string>();
  #errors = 0;

  /** @param where the file, or the path of one that could not be read. */
  add(code: Code, given: Source | string, told: Finding): void {
    if (CODES[code].severity === "error") this.#errors += 1;
    const { where, finding } = traced(given, told);
    const path = typeof where === "string" ? where : where.path;
    const same = JSON.stringify([code, path, finding.at, finding.message]);
    // What several chains take from one place is said once.
    if (this.#said.has(same)) return;
    if (this.#said.size < MAX_REMEMBERED) this.#said.add(same);
    const key = `${code} ${path}`;
    const alike = this.#alike.get(key) ?? { code, path, count: 0 };
    this.#alike.set(key, alike);
    alike.count += 1;
    if (alike.count <= MAX_ALIKE) this.#pending.push({ ...finding, code, where });
  }

  get errorCount(): number {
    return this.#errors;
  }

  /** All findings, sorted, with secrets removed from their words. Beyond MAX_ALIKE the rest are only counted. */
  finish(): Diagnostic[] {
    for (const { code, path, count } of this.#alike.values()) {
      if (count <= MAX_ALIKE) continue;
      this.#pending.push({
        code,
        where: path,
        message: `${count - MAX_ALIKE} more findings of this kind are in this file.`,
        fix: "Correct those that are shown, and run it again.",
      });
    }
    const spans = this.#spans();
    return this.#pending
      .map((pending, index): Diagnostic => {
        const { code, where, message, fix, related } = pending;
        const span = spans[index]?.[0];
        return {
          code,
          severity: CODES[code].severity,
          message: redactSecrets(message),
          file: typeof where === "string" ? where : where.path,
          ...(span === undefined ? {} : { span }),
          fix: redactSecrets(fix ?? CODES[code].fix),
          ...(related === undefined
            ? {}
            : {
                related: related.map((other, at) => {
                  const place = spans[index]?.[at + 1];
                  return {
                    message: redactSecrets(other.message),
                    file: other.source.path,
                    ...(place === undefined ? {} : { span: place }),
                  };
                }),
              }),
        };
      })
      .sort(compareDiagnostics);
  }

  /** For each finding: its own span, then those of its related places. */
  #spans(): (Span | undefined)[][] {
    const wanted = new Map<
      Source,
      { readonly finding: number; readonly column: number; readonly at: At }[]
    >();
    const want = (source: Source, finding: number, column: number, at: At): void => {
      const list = wanted.get(source);
      if (list === undefined) wanted.set(source, [{ finding, column, at }]);
      else list.push({ finding, column, at });
    };
    const spans: (Span | undefined)[][] = this.#pending.map((pending, finding) => {
      if (pending.at !== undefined && typeof pending.where !== "string")
        want(pending.where, finding, 0, pending.at);
      pending.related?.forEach((other, index) => {
        want(other.source, finding, index + 1, other.at);
      });
      return [undefined];
    });
    for (const [source, places] of wanted) {
      for (const { finding, column, at } of places) {
        const row = spans[finding];
        if (row !== undefined) row[column] = source.span(at);
      }
      source.forget();
    }
    return spans;
  }
}
