/**
 * Rows as aligned columns, two spaces apart, without trailing blanks. Cells must have no escape codes; `paint` colours
 * a padded cell.
 */
export function alignColumns(
  rows: readonly (readonly string[])[],
  paint: (cell: string, row: number, column: number) => string = (cell) => cell,
): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return rows
    .map((cells, row) =>
      cells
        .map((cell, column) => {
          const last = column === cells.length - 1;
          return paint(last ? cell : cell.padEnd(widths[column] ?? 0), row, column);
        })
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
