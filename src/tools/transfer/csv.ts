/** What Excel needs to take a file for UTF-8. */
export const BOM = '\ufeff';

/**
 * What a spreadsheet would take for a formula, behind any apostrophes of its own: it is written with one apostrophe more,
 * and read with one less, so that every text comes back as it was.
 */
const FORMULA = /^'*[=+\-@\t\r\n]/;
const DEFUSED = /^'+[=+\-@\t\r\n]/;
/** No spreadsheet makes anything but a number of it. */
const NUMBER = /^-?\d+(\.\d+)?$/;

export function defused(text: string): string {
  return FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
}

export function undefused(text: string): string {
  return DEFUSED.test(text) ? text.slice(1) : text;
}

/** One record of a CSV file (RFC 4180), as it is. */
export function csvLine(cells: readonly string[]): string {
  const line = cells
    .map((cell) => (/[",;\t\r\n]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell))
    .join(',');
  // A record of one empty cell would be an empty line, which is none.
  return `${line === '' ? '""' : line}\r\n`;
}
