import type { FileColumn } from './columns.ts';
import { BOM, csvLine, defused } from './csv.ts';
import { Parquet } from './parquet.ts';
import { type Cell, textOf } from './values.ts';

export const formats = ['csv', 'jsonl', 'parquet'] as const;
export type Format = (typeof formats)[number];

/** A form of file, made page by page: what each part adds to it. */
export type Writer = {
  begin(): string | Uint8Array;
  rows(rows: readonly (readonly Cell[])[]): Promise<string | Uint8Array>;
  end(): Promise<string | Uint8Array>;
};

export function writerOf(format: Format, columns: readonly FileColumn[]): Writer {
  const titles = columns.map(({ title }) => title);
  if (format === 'parquet') {
    const parquet = new Parquet(columns);
    return { begin: () => '', rows: (rows) => parquet.write(rows), end: () => parquet.finish() };
  }
  const nothing = () => Promise.resolve('');
  if (format === 'csv') {
    return {
      begin: () => BOM + csvLine(titles.map(defused)),
      rows: (rows) => Promise.resolve(rows.map((cells) => csvLine(cells.map(csvCell))).join('')),
      end: nothing,
    };
  }
  return {
    begin: () => '',
    rows: (rows) => Promise.resolve(rows.map((cells) => jsonLine(titles, cells)).join('')),
    end: nothing,
  };
}

function csvCell(cell: Cell): string {
  return typeof cell === 'number' ? textOf(cell) : defused(textOf(cell));
}

/** Values as they are, those that are not set left out. */
function jsonLine(titles: readonly string[], cells: readonly Cell[]): string {
  const set = titles.flatMap((title, index) => {
    const cell = cells[index] ?? null;
    return cell === null || (Array.isArray(cell) && cell.length === 0) ? [] : [[title, cell] as const];
  });
  return `${JSON.stringify(Object.fromEntries(set))}\n`;
}
