import { isObject, type Json, type JsonObject } from '../pipedrive/json.ts';
import type { Entry } from './journal.ts';
import { aboutKind, fieldKind, flatCode, type Id, idIn, idKey, kindOf, lastId, pointers, segments } from './places.ts';

/**
 * What became of the ids of deleted records: an undo makes a record anew, under another id, and everything that the
 * journal says of the old one is meant for the new one from then on.
 */
export class Aliases {
  readonly #news = new Map<string, Id>();
  readonly #gone = new Set<string>();

  static readonly #made = new WeakMap<readonly Entry[], Aliases>();

  /** Made once for each reading of the journal. */
  static of(entries: readonly Entry[]): Aliases {
    const known = Aliases.#made.get(entries) ?? new Aliases(entries);
    Aliases.#made.set(entries, known);
    return known;
  }

  constructor(entries: readonly Entry[]) {
    const byId = new Map(entries.map((entry) => [entry.id, entry]));
    for (const entry of entries) {
      if (entry.state !== 'done') continue;
      const id = lastId(entry.path);
      if (entry.method === 'DELETE') this.#lose(entry, id);
      const undone = byId.get(entry.undoes ?? '');
      if (entry.method === 'POST' && undone?.method === 'DELETE') this.#learn(undone, entry);
    }
  }

  #lose({ path, body }: Entry, id: string | undefined): void {
    const kind = kindOf(path);
    if (id !== undefined) this.#gone.add(`${kind} ${id}`);
    if (!kind.endsWith('Fields/options')) return;
    for (const option of Array.isArray(body) ? body : []) {
      this.#gone.add(`${kind} ${idIn('options', option)}`);
    }
  }

  #learn(deletion: Entry, creation: Entry): void {
    const kind = kindOf(creation.path);
    if (kind !== kindOf(deletion.path)) return;
    const old = lastId(deletion.path);
    const now = idIn(kind, creation.after);
    if (old !== undefined && now !== undefined && String(now) !== old) this.#news.set(`${kind} ${old}`, now);
    // Options are made anew with their field, too.
    if (kind.endsWith('Fields/options')) this.#learnOptions(kind, deletion.body, creation.after);
    if (kind.endsWith('Fields') && isObject(creation.after)) {
      this.#learnOptions(`${kind}/options`, deletion.before?.['options'], creation.after['options']);
    }
  }

  #learnOptions(kind: string, old: Json | undefined, made: Json | undefined): void {
    const news = Array.isArray(made) ? made : [];
    for (const [index, option] of (Array.isArray(old) ? old : []).entries()) {
      const [before, after] = [idIn(kind, option), idIn(kind, news[index])];
      if (before !== undefined && after !== undefined) this.#news.set(`${kind} ${before}`, after);
    }
  }

  /** The id under which a record is known now. */
  id(kind: string, id: Id): Id {
    let now = id;
    for (let next = this.#news.get(`${kind} ${now}`); next !== undefined; next = this.#news.get(`${kind} ${now}`)) {
      now = next;
    }
    return now;
  }

  /** Has this server deleted it, and not made it anew since? */
  isGone(kind: string, id: Id): boolean {
    return this.#gone.has(`${kind} ${this.id(kind, id)}`);
  }

  /** A body without what points to records that are gone, and what was left out. */
  withoutGone(kind: string, body: JsonObject): { body: JsonObject; lost: string[] } {
    const lost: string[] = [];
    const fields = fieldKind(kind);
    const kept = (to: string, name: string, value: Json): Json | undefined => {
      if (Array.isArray(value)) return value.filter((one) => kept(to, name, one) !== undefined);
      const isGone = (typeof value === 'string' || typeof value === 'number') && this.isGone(to, value);
      if (isGone) lost.push(`${name}: ${to} ${value} is deleted`);
      return isGone ? undefined : value;
    };
    const left: JsonObject = {};
    const put = (into: JsonObject, key: string, value: Json | undefined) => {
      if (value !== undefined) into[key] = value;
    };
    for (const [key, value] of Object.entries(body)) {
      const to = pointers[key];
      const code = flatCode(key);
      if (to !== undefined) put(left, key, kept(to, key, value));
      else if (key === 'label_ids') put(left, key, kept(labelKind(kind), key, value));
      else if (key === 'participants' && Array.isArray(value)) {
        const others = value
          .filter(isObject)
          .filter((one) => kept('persons', key, one['person_id'] ?? null) !== undefined);
        left[key] = others.map(({ person_id = null, primary = false }) => ({ person_id, primary }));
      } else if (key === 'custom_fields' && isObject(value)) {
        const custom: JsonObject = {};
        for (const [one, set] of Object.entries(value)) {
          if (kept(fields, key, one) !== undefined) put(custom, one, kept(optionKind(fields), key, set));
        }
        left[key] = custom;
      } else if (code === undefined || kept(fields, key, code) !== undefined) left[key] = value;
    }
    return { body: left, lost };
  }

  path(path: string): string {
    const parts = segments(path);
    const now = parts.map((part, index) => {
      if (index % 2 === 0) return part;
      const kind = parts.filter((_, at) => at <= index && at % 2 === 0).join('/');
      return String(this.id(kind, part));
    });
    return `${path.split('/').slice(0, 3).join('/')}/${now.map(encodeURIComponent).join('/')}`;
  }

  /** The write as it would read today: with the ids that records have now. */
  entry(entry: Entry): Entry {
    const kind = aboutKind(entry.path);
    const path = this.path(entry.path);
    const { body, before, after } = entry;
    const mapped = {
      ...entry,
      path,
      ...(body === undefined ? {} : { body: this.value(kind, body) }),
      ...(after === undefined ? {} : { after: this.value(kind, after) }),
    };
    return before === undefined ? mapped : { ...mapped, before: this.record(kind, before) };
  }

  /** A record or body of a kind, its own id and everything it points to as they are now. */
  value(kind: string, value: Json): Json {
    if (Array.isArray(value)) return value.map((one) => this.value(kind, one));
    return isObject(value) ? this.record(kind, value) : value;
  }

  record(kind: string, record: JsonObject): JsonObject {
    const mapped: JsonObject = {};
    const fields = fieldKind(kind);
    for (const [key, value] of Object.entries(record)) {
      const to = pointers[key];
      const code = flatCode(key);
      if (key === idKey(kind) && (typeof value === 'string' || typeof value === 'number')) {
        mapped[key] = this.id(kind, value);
      } else if (to !== undefined) mapped[key] = this.#each(to, value);
      else if (key === 'label_ids') mapped[key] = this.#each(labelKind(kind), value);
      else if (key === 'custom_fields' && isObject(value)) mapped[key] = this.#custom(fields, value);
      else if (code !== undefined) {
        mapped[key.replace(code, String(this.id(fields, code)))] = this.#each(optionKind(fields), value);
      } else mapped[key] = this.value(key === 'options' ? optionKind(kind.replace('/options', '')) : '', value);
    }
    return mapped;
  }

  #custom(fields: string, values: JsonObject): JsonObject {
    const entries = Object.entries(values).map(([code, value]) => [
      String(this.id(fields, code)),
      this.#each(optionKind(fields), value),
    ]);
    return Object.fromEntries(entries);
  }

  /** An id, a list of ids, or v1's `{value: id, name…}`; anything else as it is. */
  #each(kind: string, value: Json): Json {
    if (typeof value === 'string' || typeof value === 'number') return this.id(kind, value);
    if (Array.isArray(value)) return value.map((one) => this.#each(kind, one));
    if (isObject(value) && typeof value['value'] === 'number')
      return { ...value, value: this.id(kind, value['value']) };
    return value;
  }
}

/** Options have numbers of their own in the whole account. */
function optionKind(fields: string): string {
  return `${fields}/options`;
}

function labelKind(kind: string): string {
  return kind === 'leads' ? 'leadLabels' : optionKind(fieldKind(kind));
}
