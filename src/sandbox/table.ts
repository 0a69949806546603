import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod/v3';

export type Key = number | string;
export type Row = { id: Key };

export type Changes<R> = { [K in keyof R]?: R[K] | undefined };

/** What happened to a row; `previous` holds the values, as they were, of the keys that were changed. */
export type Change = {
  readonly action: 'create' | 'change' | 'delete';
  readonly id: Key;
  readonly previous: ReadonlyMap<string, unknown>;
};

const dump = z.object({ last_id: z.number().int(), rows: z.array(z.unknown()) });

/**
 * One kind of record, in order of creation. Every change passes through insert, patch or remove, so that indexes stay
 * true and whoever listens (persistence) hears of it.
 */
export class Table<R extends Row> {
  readonly #schema: z.ZodType<R, z.ZodTypeDef, unknown>;
  readonly #rows = new Map<Key, R>();
  readonly #indexes = new Map<keyof R, Map<unknown, Set<R>>>();
  readonly #changed: (change: Change) => void;
  #lastId = 0;
  #version = 0;

  constructor(
    schema: z.ZodType<R, z.ZodTypeDef, unknown>,
    indexed: readonly (keyof R)[],
    changed: (change: Change) => void,
  ) {
    this.#schema = schema;
    for (const key of indexed) this.#indexes.set(key, new Map());
    this.#changed = (change) => {
      this.#version += 1;
      changed(change);
    };
  }

  /** Another number after every change, for what is worked out from all rows and kept. */
  get version(): number {
    return this.#version;
  }

  get size(): number {
    return this.#rows.size;
  }

  /** The next free integer id; ids are never given twice, as in Pipedrive. */
  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  insert(row: R): R {
    this.#rows.set(row.id, row);
    if (typeof row.id === 'number' && row.id > this.#lastId) this.#lastId = row.id;
    for (const [key, index] of this.#indexes) put(index, row[key], row);
    this.#changed({ action: 'create', id: row.id, previous: new Map() });
    return row;
  }

  get(id: Key): R | undefined {
    return this.#rows.get(id);
  }

  all(): R[] {
    return [...this.#rows.values()];
  }

  /** Rows whose `key` is `value`. */
  where<K extends keyof R>(key: K, value: R[K]): R[] {
    const index = this.#indexes.get(key);
    if (index) return [...(index.get(value) ?? [])];
    return this.all().filter((row) => row[key] === value);
  }

  /** Changes a row in place and returns it; a key whose value is undefined stays as it is. */
  patch(row: R, changes: Changes<R>): R {
    for (const [key, index] of this.#indexes) {
      if (changes[key] !== undefined) index.get(row[key])?.delete(row);
    }
    const previous = new Map<string, unknown>();
    for (const key of keysOf(changes)) {
      const value = changes[key];
      if (value === undefined) continue;
      if (!isDeepStrictEqual(row[key], value)) previous.set(String(key), row[key]);
      row[key] = value;
    }
    for (const [key, index] of this.#indexes) {
      if (changes[key] !== undefined) put(index, row[key], row);
    }
    this.#changed({ action: 'change', id: row.id, previous });
    return row;
  }

  remove(row: R): void {
    this.#rows.delete(row.id);
    for (const [key, index] of this.#indexes) index.get(row[key])?.delete(row);
    this.#changed({ action: 'delete', id: row.id, previous: new Map(Object.entries(row)) });
  }

  toJSON(): { last_id: number; rows: R[] } {
    return { last_id: this.#lastId, rows: this.all() };
  }

  /** Takes in what `toJSON` gave; throws where it has another shape. */
  load(content: unknown): void {
    const { last_id, rows } = dump.parse(content);
    for (const row of rows) this.insert(this.#schema.parse(row));
    this.#lastId = Math.max(this.#lastId, last_id);
  }
}

function keysOf<T extends object>(value: T): (keyof T)[] {
  const keys: (keyof T)[] = [];
  for (const key in value) keys.push(key);
  return keys;
}

function put<R>(index: Map<unknown, Set<R>>, value: unknown, row: R): void {
  const rows = index.get(value);
  if (rows) rows.add(row);
  else index.set(value, new Set([row]));
}
