import picocolors from "picocolors";
import { CODES } from "../codes.ts";
import type { Diagnostic, SourceFile, Span } from "../diagnostic.ts";
import { FrameBook } from "../frame.ts";
import { printable } from "../printable.ts";

export interface PrettyOptions {
  readonly files: readonly SourceFile[];
  /** Off by default: output is often a log or a pipe. */
  readonly colour?: boolean;
}

const place = (file: string, span: Span | undefined): string =>
  span === undefined ? file : `${file}:${span.start.line}:${span.start.column}`;

const indent = (text: string): string => text.replace(/^(?=.)/gm, "  ");

/** For people: header, message, frame, why and fix, and a frame for each related place. Ends without a line break. */
export function renderPretty(diagnostics: readonly Diagnostic[], options: PrettyOptions): string {
  const colours = picocolors.createColors(options.colour === true);
  const book = new FrameBook(options.files);
  return diagnostics
    .map((diagnostic) => {
      const entry = CODES[diagnostic.code];
      const loud = diagnostic.severity === "error" ? colours.red : colours.yellow;
      const paint = { dim: colours.dim, mark: loud };
      const frameOf = (file: string, span: Span | undefined): string[] => {
        const frame = span === undefined ? undefined : book.frame(file, span, paint);
        return frame === undefined ? [] : ["", indent(frame)];
      };
      const head = `${colours.bold(place(printable(diagnostic.file), diagnostic.span))} ${loud(`${diagnostic.code} ${entry.slug} ${diagnostic.severity}`)}`;
      const related = (diagnostic.related ?? []).flatMap((other) => [
        "",
        `  ${printable(other.message)} ${colours.dim(`(${place(printable(other.file), other.span)})`)}`,
        ...frameOf(other.file, other.span),
      ]);
      return [
        head,
        "",
        `  ${loud(diagnostic.severity === "error" ? "×" : "!")} ${colours.bold(printable(diagnostic.message))}`,
        ...frameOf(diagnostic.file, diagnostic.span),
        ...related,
        "",
        `  ${colours.cyan("why:")} ${entry.why}`,
        `  ${colours.green("fix:")} ${printable(diagnostic.fix)}`,
      ].join("\n");
    })
    .join("\n\n");
}
