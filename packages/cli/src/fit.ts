/** Tables on a terminal: the last cell of a row that is wider than the terminal goes on below itself. */

/** Narrower than this a sentence is harder to read in pieces than where the terminal breaks it. */
const LEAST = 20;
/** A colour, which takes no room. */
const COLOUR = "\u001b\\[[0-9;]*m";
const COLOURS = new RegExp(COLOUR, "g");

/** Lines that are no rows stay as they are: a command must be copied whole. */
export const fitRows = (text: string, columns: number): string =>
  text
    .split("\n")
    .map((line) => fitRow(line, columns))
    .join("\n");

function fitRow(line: string, columns: number): string {
  if (line.length <= columns) return line;
  const plain = line.replace(COLOURS, "");
  if (plain.length <= columns) return line;
  // Columns are two blanks or more apart.
  const starts = [...plain.matchAll(/(?<=\S) {2,}(?=\S)/g)].map((gap) => gap.index + gap[0].length);
  const indent = starts.findLast((start) => start + LEAST <= columns);
  if (indent === undefined) return line;
  const cut = rawIndex(line, indent);
  return line.slice(0, cut) + wrap(line.slice(cut), columns - indent).join(`\n${" ".repeat(indent)}`);
}

/** Where the visible character of this number is in a line with colours. */
function rawIndex(line: string, visible: number): number {
  let seen = 0;
  let at = 0;
  const colour = new RegExp(COLOUR, "y");
  while (seen < visible) {
    colour.lastIndex = at;
    if (colour.test(line)) at = colour.lastIndex;
    else {
      at += 1;
      seen += 1;
    }
  }
  return at;
}

/** Breaks at blanks; a word that is longer than a line stays whole, since it may be an address. */
function wrap(text: string, room: number): string[] {
  const lines: string[] = [];
  let line: string | undefined;
  for (const word of text.split(" ")) {
    const longer = line === undefined ? word : `${line} ${word}`;
    if (line !== undefined && longer.replace(COLOURS, "").length > room) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return line === undefined ? lines : [...lines, line];
}
