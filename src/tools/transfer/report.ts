import type { Json, JsonObject } from '../../pipedrive/json.ts';
import { Problem } from '../../vocabulary/problem.ts';
import type { Draft, Files } from '../files.ts';
import { BOM, csvLine, defused } from './csv.ts';
import type { Fault } from './row.ts';
import type { Row, RowFile } from './rows.ts';
import { ERROR, REMEDY } from './targets.ts';
import { type Cell, textOf } from './values.ts';

/** The rows that went wrong, as a file of the same columns that says why and can be imported again. */
export class Report {
  readonly #files: Files;
  readonly #file: RowFile;
  readonly #name: string;
  readonly #kept: readonly { readonly title: string; readonly index: number }[];
  #draft: Draft | undefined;
  /** One after the other, in whatever order they come. */
  #last: Promise<void> = Promise.resolve();

  /** `name` is that of the file that is imported. */
  constructor(files: Files, file: RowFile, name: string) {
    this.#files = files;
    this.#file = file;
    const stem = name.replace(/\.[A-Za-z]{1,6}$/, '').replace(/ errors( \(\d+\))?$/, '');
    this.#name = `${stem} errors.${file.form}`;
    this.#kept = file.titles.flatMap((title, index) => (title === ERROR || title === REMEDY ? [] : [{ title, index }]));
  }

  note(row: Row, faults: readonly Fault[]): Promise<void> {
    this.#last = this.#last.then(() => this.#write(row, faults));
    return this.#last;
  }

  /** Where it is; undefined where nothing went wrong. */
  async finish(): Promise<string | undefined> {
    await this.#last;
    return this.#draft?.finish();
  }

  async discard(): Promise<void> {
    await this.#draft?.discard();
  }

  async #write({ line, cells }: Row, faults: readonly Fault[]): Promise<void> {
    const says = [
      faults.map(({ column, what }) => `line ${line}${column === '' ? '' : `, ${column}`}: ${what}`).join(' '),
      faults.map(({ remedy }) => remedy).join(' '),
    ];
    const isCsv = this.#file.form === 'csv';
    if (!this.#draft) {
      this.#draft = await this.#files.draft(this.#name, notWritten);
      if (isCsv)
        await this.#draft.write(BOM + csvLine([...this.#kept.map(({ title }) => defused(title)), ERROR, REMEDY]));
    }
    await this.#draft.write(isCsv ? this.#csv(cells, says) : this.#json(cells, says));
  }

  #csv(cells: readonly Json[], says: readonly string[]): string {
    const texts = this.#kept.map(({ index }) => defused(textOf(asCell(cells[index] ?? null))));
    return csvLine([...texts, ...says.map(defused)]);
  }

  #json(cells: readonly Json[], [error = '', remedy = '']: readonly string[]): string {
    const object: JsonObject = {};
    for (const { title, index } of this.#kept) {
      const cell = cells[index] ?? null;
      if (cell !== null) object[title] = cell;
    }
    return `${JSON.stringify({ ...object, [ERROR]: error, [REMEDY]: remedy })}\n`;
  }
}

/** Cells of a CSV file are text. */
function asCell(cell: Json): Cell {
  return typeof cell === 'object' ? (cell === null ? null : JSON.stringify(cell)) : cell;
}

function notWritten(why: string, next: string): Problem {
  return new Problem(
    'import_records: the report of the rows that went wrong could not be written; nothing was changed.',
    why,
    next,
  );
}
