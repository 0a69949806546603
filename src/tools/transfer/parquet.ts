import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { CellType, FileColumn } from './columns.ts';
import { type Cell, textOf } from './values.ts';

const types = {
  number: { type: 'DOUBLE' },
  flag: { type: 'BOOLEAN' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
} as const;

/** Records as a Parquet file, a row group at a time: `write` and `finish` give the bytes that come next. */
export class Parquet {
  readonly #columns: readonly FileColumn[];
  readonly #bytes = new ByteWriter();
  readonly #writer: ParquetWriter;

  constructor(columns: readonly FileColumn[]) {
    this.#columns = columns;
    const root = { name: 'root', num_children: columns.length };
    const each = columns.map(({ title, type }) => ({
      name: title,
      repetition_type: 'OPTIONAL' as const,
      ...types[type],
    }));
    this.#writer = new ParquetWriter({ writer: this.#bytes, schema: [root, ...each] });
  }

  async write(rows: readonly (readonly Cell[])[]): Promise<Uint8Array> {
    const columnData = this.#columns.map(({ title, type }, index) => ({
      name: title,
      data: rows.map((cells) => typed(cells[index] ?? null, type)),
    }));
    await this.#writer.write({ columnData, rowGroupSize: Math.max(1, rows.length) });
    return this.#taken();
  }

  async finish(): Promise<Uint8Array> {
    await this.#writer.finish();
    return this.#taken();
  }

  /** The bytes so far; the place in the file goes on. */
  #taken(): Uint8Array {
    const bytes = this.#bytes.getBytes().slice();
    this.#bytes.index = 0;
    return bytes;
  }
}

/** A value of a column has the column's type or is missing. */
function typed(cell: Cell, type: CellType): string | number | boolean | null {
  if (cell === null) return null;
  if (type === 'number') return typeof cell === 'number' ? cell : null;
  if (type === 'flag') return typeof cell === 'boolean' ? cell : null;
  return textOf(cell);
}
