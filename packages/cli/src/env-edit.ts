/** Edits of .env that keep everything else of it: comments, order and the other lines. */

const escaped = (name: string): string => name.replace(/[^A-Z0-9_]/gi, "\\$&");

/**
 * Sets variables: in the line that sets the variable (the last one counts, as its reader takes it), else in a line that is
 * commented out, else in a new line at the end.
 */
export function setVariables(text: string, values: Readonly<Record<string, string>>): string {
  const ending = text.includes("\r\n") ? "\r\n" : "\n";
  const lines = text.split(/\r?\n/);
  const added: string[] = [];
  for (const [name, value] of Object.entries(values)) {
    const assignment = `${name}=${written(value)}`;
    const sets = new RegExp(`^[ \\t]*(?:export[ \\t]+)?${escaped(name)}[ \\t]*[=:]`);
    const commented = new RegExp(`^[ \\t]*#[ \\t]*${escaped(name)}=`);
    const at = lines.findLastIndex((line) => sets.test(line));
    const place = at === -1 ? lines.findIndex((line) => commented.test(line)) : at;
    if (place === -1) added.push(assignment);
    else lines[place] = assignment;
    // Earlier lines of the same variable would come back to life with the last one deleted.
    for (const [other, line] of lines.entries())
      if (other < place && at !== -1 && sets.test(line)) lines[other] = `${name}=`;
  }
  if (added.length > 0) {
    while (lines.at(-1) === "") lines.pop();
    lines.push(...added, "");
  }
  return lines.join(ending);
}

/** As a reader of .env takes it back unchanged. */
function written(value: string): string {
  if (/^[A-Za-z0-9_./:@%+,=~-]*$/.test(value)) return value;
  const quote = ["'", '"', "`"].find((mark) => !value.includes(mark));
  return `${quote ?? "'"}${value}${quote ?? "'"}`;
}
