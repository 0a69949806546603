import { randomUUID } from 'node:crypto';
import { type Clock, rfc3339 } from './clock.ts';
import { notFound } from './error.ts';
import type { Upload } from './front/upload.ts';
import { type Company, createTables, type Tables, type User } from './model.ts';
import type { Change, Row, Table } from './table.ts';

/** Everything one sandbox account holds. */
export type World = {
  readonly db: Tables;
  readonly clock: Clock;
  readonly company: Company;
  /** The user whose API token is used: the account's owner. */
  me(): User;
  /** Keeps a file and gives the id under which its bytes are found. */
  store(file: Upload): string;
  /** Forgets a kept file; null is none. */
  discard(blobId: string | null): void;
  /** Where the bytes of a stored file are fetched, without a token and on another host than the API; for so long, or for good. */
  storageUrl(blobId: string, milliseconds?: number): string;
  /** The port that the sandbox listens on; set when it does. */
  port: number;
  /** Tells of every change of a record from now on, after it was made. */
  listen(listener: Listener): void;
};

/** `table` is the name of one. */
type Listener = (table: string, change: Change) => void;

/** An account with no records. */
export function createWorld(clock: Clock, company: Company): World {
  const db = createTables();
  const listeners: Listener[] = [];
  for (const [name, table] of Object.entries(db)) {
    table.listen((change: Change) => {
      for (const listener of listeners) listener(name, change);
    });
  }
  return {
    db,
    clock,
    company,
    me() {
      const owner = db.users.first;
      if (!owner) throw new Error('an account has at least its owner');
      return owner;
    },
    store(file) {
      const id = randomUUID();
      db.blobs.insert({ id, name: file.name, type: file.type, content: file.bytes.toString('base64') });
      return id;
    },
    discard(blobId) {
      const blob = db.blobs.get(blobId ?? '');
      if (blob) db.blobs.remove(blob);
    },
    storageUrl(blobId, milliseconds) {
      const url = `http://localhost:${this.port}/_storage/${blobId}`;
      if (milliseconds === undefined) return url;
      const expires = rfc3339(new Date(clock.now().getTime() + milliseconds));
      return `${url}?expires=${encodeURIComponent(expires)}`;
    },
    port: 0,
    listen(listener) {
      listeners.push(listener);
    },
  };
}

/** Days that a soft-deleted record is kept. */
const KEPT = 30;

/** What a soft delete changes. */
export function deletion({ clock }: World): { is_deleted: true; delete_time: string; update_time: string } {
  const now = clock.stamp();
  return { is_deleted: true, delete_time: now, update_time: now };
}

/** What was deleted before this time is gone for good. */
export function purgedBefore({ clock }: World): string {
  return rfc3339(new Date(clock.now().getTime() - KEPT * 24 * 3600 * 1000));
}

/** The record of that id; 404 `<what> not found` where it is unknown or deleted. */
export function live<R extends Row & { is_deleted: boolean }>(table: Table<R>, id: R['id'], what: string): R {
  const row = table.get(id);
  if (!row || row.is_deleted) throw notFound(what);
  return row;
}
