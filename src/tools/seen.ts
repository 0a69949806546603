import type { JsonObject } from '../pipedrive/json.ts';
import { fold } from '../vocabulary/fold.ts';

const MOST = 200;

/** Ids and names of records that answers of this process showed, latest first: what completions offer. */
export class Seen {
  readonly #records = new Map<string, Map<string, string>>();

  note(kind: string, record: JsonObject): void {
    const { id } = record;
    if (typeof id !== 'number' && typeof id !== 'string') return;
    const known = this.#records.get(kind) ?? new Map<string, string>();
    this.#records.set(kind, known);
    known.delete(String(id));
    known.set(String(id), String(record['title'] ?? record['name'] ?? record['subject'] ?? ''));
    const [oldest] = known.keys();
    if (known.size > MOST && oldest !== undefined) known.delete(oldest);
  }

  forget(kind: string, id: string): void {
    this.#records.get(kind)?.delete(id);
  }

  /** Ids of a kind that begin with `prefix`, or whose name holds it. */
  complete(kind: string, prefix: string): string[] {
    const wanted = prefix.toLowerCase();
    return [...(this.#records.get(kind) ?? [])]
      .filter(([id, name]) => id.startsWith(prefix) || name.toLowerCase().includes(wanted))
      .map(([id]) => id)
      .reverse();
  }

  /** `Name (id)` of those of a kind whose name or id begins with `prefix`, case and accents aside. */
  labels(kind: string, prefix: string): string[] {
    const wanted = fold(prefix);
    return [...(this.#records.get(kind) ?? [])]
      .filter(([id, name]) => id.startsWith(prefix) || fold(name).startsWith(wanted))
      .map(([id, name]) => (name === '' ? id : `${name} (${id})`))
      .reverse();
  }
}
