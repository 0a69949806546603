import { pipeline, Readable } from 'node:stream';
import { type CsvError, parse } from 'csv-parse';
import { isObject, type Json, parseJson } from '../../pipedrive/json.ts';
import { Problem } from '../../vocabulary/problem.ts';
import type { Source } from '../files.ts';
import { undefused } from './csv.ts';

/** A row of a file: the line that it begins on, and its cells in the order of the titles; nothing is null. */
export type Row = {
  readonly line: number;
  readonly cells: readonly Json[] /** Why it is no row. */;
  readonly broken?: string;
};

/** A file as rows under titles, read anew each time. Rejects with a Problem where it can't be read on. */
export type RowFile = {
  readonly form: 'csv' | 'jsonl';
  readonly titles: readonly string[];
  rows(): AsyncGenerator<Row>;
};

/** No row is longer: a quote that is never closed would take in the rest of the file. In bytes. */
const LONGEST_ROW = 1_000_000;
/** How much of the beginning tells what a file is. In bytes. */
const BEGINNING = 64 * 1024;
const MOST_TITLES = 1_000;

/** Reads what a file is and what stands above its columns. */
export async function rowsIn(source: Source): Promise<RowFile> {
  const start = await beginning(source);
  const encoding = encodingOf(source, start);
  const text = new TextDecoder(encoding).decode(start);
  const texts = () => decoded(source, encoding);
  if (text.trim() === '') throw unreadable(source, 'It is empty.', 'Give a file with a line of titles and rows below.');
  if (text.trimStart().startsWith('[')) {
    throw unreadable(
      source,
      'It is one JSON list.',
      'Write JSON lines: one object a line, without brackets and commas around.',
    );
  }
  if (text.trimStart().startsWith('{')) return jsonLines(source, texts);
  const delimiter = delimiterOf(text);
  const records = () => csvRecords(source, texts(), delimiter);
  const header = await first(records());
  const titles = (header?.cells ?? []).map((title) => undefused(String(title)).trim());
  refuseTwice(source, titles);
  return {
    form: 'csv',
    titles,
    async *rows() {
      let isHeader = true;
      for await (const { line, cells } of records()) {
        if (!isHeader) yield rowOf(line, cells, titles.length);
        isHeader = false;
      }
    },
  };
}

function rowOf(line: number, cells: readonly string[], width: number): Row {
  const extra = cells.slice(width).some((cell) => cell.trim() !== '');
  return {
    line,
    cells: cells.map((cell) => (cell === '' ? null : undefused(cell))),
    ...(extra ? { broken: `It has ${cells.length} cells, and the header has ${width}.` } : {}),
  };
}

async function beginning(source: Source): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const chunk of source.chunks()) {
    parts.push(chunk);
    size += chunk.length;
    if (size >= BEGINNING) break;
  }
  return Buffer.concat(parts).subarray(0, BEGINNING);
}

/** Excel's "Unicode text" is UTF-16; its own files are archives. */
function encodingOf(source: Source, start: Buffer): 'utf-8' | 'utf-16le' {
  if (start.subarray(0, 4).toString('latin1') === 'PK\x03\x04') {
    throw unreadable(
      source,
      'It is a workbook of a spreadsheet, or an archive.',
      'Save it as "CSV UTF-8" and give that file.',
    );
  }
  if (start.subarray(0, 4).toString('latin1') === 'PAR1') {
    throw unreadable(source, 'It is a Parquet file.', 'Import takes CSV and JSON lines.');
  }
  return start[0] === 0xff && start[1] === 0xfe ? 'utf-16le' : 'utf-8';
}

/** The text of a file, without its byte order mark. */
async function* decoded(source: Source, encoding: 'utf-8' | 'utf-16le'): AsyncGenerator<string> {
  const decoder = new TextDecoder(encoding, { fatal: true });
  let line = 1;
  const read = (chunk?: Buffer) => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch (cause) {
      const why = `From about line ${line} on its bytes are no UTF-8.`;
      throw Object.assign(unreadable(source, why, 'Save it as UTF-8; in Excel: "CSV UTF-8".'), { cause });
    }
  };
  for await (const chunk of source.chunks()) {
    const text = read(chunk);
    line += text.split('\n').length - 1;
    yield text;
  }
  yield read();
}

/** What separates the titles: the one of these that stands between them most often, quoted text aside. */
function delimiterOf(text: string): string {
  const [line = ''] = text.replaceAll(/"(?:[^"]|"")*"/g, '').split(/[\r\n]/);
  const count = (sign: string) => line.split(sign).length;
  return [',', ';', '\t', '|'].reduce((best, sign) => (count(sign) > count(best) ? sign : best));
}

type Record = { readonly line: number; readonly cells: readonly string[] };

async function* csvRecords(source: Source, texts: AsyncGenerator<string>, delimiter: string): AsyncGenerator<Record> {
  let ended = 0;
  // The parser counts a line break of two characters within a cell as two.
  let pairs = 0;
  const parser = parse({
    delimiter,
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_empty_values: true,
    max_record_size: LONGEST_ROW,
    on_record: (cells: string[], { lines }) => {
      pairs += countIn(cells, /\r\n/g);
      ended = lines - pairs;
      return [String(ended - countIn(cells, /\r\n|\n|\r/g)), ...cells];
    },
  });
  // What goes wrong comes out of the loop below.
  pipeline(Readable.from(texts), parser, () => undefined);
  try {
    for await (const one of parser) {
      const [line = '', ...cells]: string[] = one;
      yield { line: Number(line), cells };
    }
  } catch (error) {
    throw isCsvError(error) ? broken(source, error, ended) : error;
  }
}

function countIn(cells: readonly string[], what: RegExp): number {
  return cells.reduce((sum, cell) => sum + (cell.match(what)?.length ?? 0), 0);
}

function isCsvError(error: unknown): error is CsvError {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && /QUOTE|MAX_RECORD/.test(error.code)
  );
}

function broken(source: Source, { code }: CsvError, ended: number): Problem {
  const line = ended + 1;
  const what =
    code === 'CSV_MAX_RECORD_SIZE'
      ? 'never ends: a quote in it is not closed, or it is longer than 1 MB'
      : code === 'CSV_QUOTE_NOT_CLOSED'
        ? 'has a quote that is never closed'
        : 'has a quote in the middle of a cell';
  return unreadable(
    source,
    `The row that begins on line ${line} ${what}.`,
    'Put the cell in quotes and write each quote in it twice: "5"" pipe".',
  );
}

async function first<T>(of: AsyncGenerator<T>): Promise<T | undefined> {
  for await (const one of of) return one;
  return undefined;
}

/** JSON lines: the titles are the keys of all objects, so that the file is read once for them. */
async function jsonLines(source: Source, texts: () => AsyncGenerator<string>): Promise<RowFile> {
  const places = new Map<string, number>();
  for await (const { object } of objects(source, texts())) {
    for (const key of Object.keys(object)) if (!places.has(key)) places.set(key, places.size);
    if (places.size > MOST_TITLES)
      throw unreadable(source, `Its objects have more than ${MOST_TITLES} keys.`, 'Give fewer.');
  }
  const titles = [...places.keys()];
  refuseTwice(source, titles);
  return {
    form: 'jsonl',
    titles,
    async *rows() {
      for await (const { line, object } of objects(source, texts())) {
        yield { line, cells: titles.map((title) => object[title] ?? null) };
      }
    },
  };
}

async function* objects(source: Source, texts: AsyncGenerator<string>) {
  let line = 0;
  for await (const text of lines(source, texts)) {
    line += 1;
    if (text.trim() === '') continue;
    const object = parseJson(text);
    if (!isObject(object)) throw unreadable(source, `Line ${line} is not a JSON object.`, 'Write one object a line.');
    yield { line, object };
  }
}

async function* lines(source: Source, texts: AsyncGenerator<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const text of texts) {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
    if (rest.length > LONGEST_ROW) throw unreadable(source, 'A line is longer than 1 MB.', 'Write one object a line.');
  }
  yield rest;
}

function refuseTwice(source: Source, titles: readonly string[]): void {
  const twice = titles.find((title, index) => title !== '' && titles.indexOf(title) !== index);
  if (twice === undefined) return;
  const places = titles.flatMap((title, index) => (title === twice ? [index + 1] : []));
  throw unreadable(
    source,
    `The column "${twice.slice(0, 100)}" is there ${places.length} times, as column ${places.join(' and ')}.`,
    'Take one of them out, or give it another title.',
  );
}

export function unreadable({ name }: Pick<Source, 'name'>, why: string, next: string): Problem {
  return new Problem(`import_records: ${name} cannot be imported; nothing was changed.`, why, next);
}
