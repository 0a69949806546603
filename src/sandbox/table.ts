import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod/v3';

export type Key = number | string;
export type Row = { id: Key };

export type Changes<R> = { [K in keyof R]?: R[K] | undefined };
export type RowOf<T> = T extends Table<infer R> ? R : never;

/** What happened to a row; `previous` holds the values, as they were, of the keys that were changed. */
export type Change<R extends Row = Row> = {
  readonly action: 'create' | 'change' | 'delete';
  readonly row: R;
  readonly previous: ReadonlyMap<string, unknown>;
};

const dump = z.object({ last_id: z.number().int(), rows: z.array(z.unknown()) });
const nothing: ReadonlyMap<string, unknown> = new Map();

/**
 * One kind of record, in order of creation. Every change passes through insert, patch or remove, so that indexes stay
 * true and whoever listens (persistence) hears of it.
 */
export class Table<R extends Row> {
  readonly #schema: z.ZodType<R, z.ZodTypeDef, unknown>;
  readonly #rows = new Map<Key, R>();
  readonly #indexed: readonly (keyof R)[];
  /** Each made when it is first asked for: an account is filled in faster without. */
  readonly #indexes = new Map<keyof R, Map<unknown, Set<R>>>();
  readonly #listeners: ((change: Change<R>) => void)[] = [];
  #lastId = 0;
  #version = 0;

  constructor(schema: z.ZodType<R, z.ZodTypeDef, unknown>, indexed: readonly (keyof R)[] = []) {
    this.#schema = schema;
    this.#indexed = indexed;
  }

  /** Tells of every change from now on, after it was made. */
  listen(listener: (change: Change<R>) => void): void {
    this.#listeners.push(listener);
  }

  /** Another number after every change, for what is worked out from all rows and kept. */
  get version(): number {
    return this.#version;
  }

  get size(): number {
    return this.#rows.size;
  }

  get first(): R | undefined {
    const [row] = this.#rows.values();
    return row;
  }

  /** The next free integer id; ids are never given twice, as in Pipedrive. */
  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  /** A row of this table, without what it has no place for; throws where it lacks something. */
  parse(row: unknown): R {
    return this.#schema.parse(row);
  }

  /** Adds a row. Write its id before any spread: an object that begins with a spread has a shape of its own, slow to read. */
  insert(row: R): R {
    this.#rows.set(row.id, row);
    if (typeof row.id === 'number' && row.id > this.#lastId) this.#lastId = row.id;
    for (const [key, index] of this.#indexes) put(index, row[key], row);
    this.#tell('create', row, nothing);
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
    if (this.#indexed.includes(key)) return [...this.#having(key, value)];
    return this.all().filter((row) => row[key] === value);
  }

  /** Rows that have all these values; a key whose value is undefined asks for nothing. */
  matching(wanted: Changes<R>): R[] {
    const keys = keysOf(wanted).filter((key) => wanted[key] !== undefined);
    const narrow = this.#indexed.find((key) => keys.includes(key));
    const rows = narrow === undefined ? this.#rows.values() : this.#having(narrow, wanted[narrow]);
    const found: R[] = [];
    for (const row of rows) if (keys.every((key) => row[key] === wanted[key])) found.push(row);
    return found;
  }

  /** Changes a row in place and returns it; a key whose value is undefined stays as it is. */
  patch(row: R, changes: Changes<R>): R {
    const previous = new Map<string, unknown>();
    for (const key of keysOf(changes)) {
      const old = row[key];
      const value = changes[key];
      if (value === undefined || old === value) continue;
      if (!isDeepStrictEqual(old, value)) previous.set(String(key), old);
      const index = this.#indexes.get(key);
      index?.get(old)?.delete(row);
      row[key] = value;
      if (index) put(index, value, row);
    }
    this.#tell('change', row, previous);
    return row;
  }

  /** Patches all rows whose `key` is `value`. */
  patchWhere<K extends keyof R>(key: K, value: R[K], changes: Changes<R>): void {
    for (const row of this.where(key, value)) this.patch(row, changes);
  }

  remove(row: R): void {
    this.#rows.delete(row.id);
    for (const [key, index] of this.#indexes) index.get(row[key])?.delete(row);
    this.#tell('delete', row, new Map(Object.entries(row)));
  }

  toJSON(): { last_id: number; rows: R[] } {
    return { last_id: this.#lastId, rows: this.all() };
  }

  /** Takes in what `toJSON` gave; throws where it has another shape. */
  load(content: unknown): void {
    const { last_id, rows } = dump.parse(content);
    for (const row of rows) this.insert(this.parse(row));
    this.#lastId = Math.max(this.#lastId, last_id);
  }

  #having(key: keyof R, value: unknown): Iterable<R> {
    let index = this.#indexes.get(key);
    if (!index) {
      index = new Map();
      for (const row of this.#rows.values()) put(index, row[key], row);
      this.#indexes.set(key, index);
    }
    return index.get(value) ?? [];
  }

  #tell(action: Change['action'], row: R, previous: Change['previous']): void {
    this.#version += 1;
    for (const listener of this.#listeners) listener({ action, row, previous });
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
