import { fold } from './fold.ts';

/** Something of the account that has an id and a name. */
export type Entry = {
  readonly id: number | string;
  readonly name: string;
  /** What it is known by as well: an e-mail address, a code. */
  readonly also?: readonly string[];
  /** What it belongs to, where its name alone may fit several: a stage's pipeline. */
  readonly within?: { readonly id: number; readonly name: string };
  /** What it is for, where names are told apart by that: a filter's type. */
  readonly of?: string;
  /** Deactivated or archived: shown by name, found only by it when nothing else has that name. */
  readonly retired?: boolean;
  /** Its numeric id, where that is another one than `id`: goals know activity types and currencies by it. */
  readonly number?: number;
  /** Of a stage: after how many days without a change its deals rot. */
  readonly rotsAfter?: number;
};

/** All entries of one kind, found by id or by name. */
export class Names {
  readonly entries: readonly Entry[];
  readonly #byId: ReadonlyMap<string, Entry>;
  readonly #byName: ReadonlyMap<string, readonly Entry[]>;

  constructor(entries: readonly Entry[]) {
    this.entries = entries;
    this.#byId = new Map(entries.map((entry) => [String(entry.id), entry]));
    const byName = new Map<string, Entry[]>();
    for (const entry of entries) {
      for (const name of new Set([entry.name, longName(entry), ...(entry.also ?? [])].map(fold))) {
        byName.set(name, [...(byName.get(name) ?? []), entry]);
      }
    }
    this.#byName = byName;
  }

  byId(id: number | string): Entry | undefined {
    return this.#byId.get(String(id));
  }

  /** The entries of that name, case and accents aside; `Name (7)`, as answers show a name that two bear, is one. */
  find(text: string): readonly Entry[] {
    const found = this.#byName.get(fold(text)) ?? [];
    const live = found.filter((entry) => entry.retired !== true);
    if (found.length > 0) return live.length > 0 ? live : found;
    const [, name, id] = /^(.*) \((?:id )?([^()]+)\)$/s.exec(text.trim()) ?? [];
    const entry = id === undefined ? undefined : this.byId(id);
    return entry && name !== undefined && [entry.name, longName(entry)].map(fold).includes(fold(name)) ? [entry] : [];
  }

  /** The name of an id, as it can be given back: with the id where two bear the name; undefined for an unknown id. */
  label(id: number | string): string | undefined {
    const entry = this.byId(id);
    if (!entry) return undefined;
    const name = longName(entry);
    // A name that is the id of another, or that two bear, does not lead back by itself.
    const other = this.byId(name);
    const isTwofold = (this.#byName.get(fold(name)) ?? []).length > 1 || (other !== undefined && other !== entry);
    return isTwofold ? `${name} (${entry.id})` : name;
  }
}

/** `Renewals / Negotiation`. */
export function longName(entry: Entry): string {
  return entry.within ? `${entry.within.name} / ${entry.name}` : entry.name;
}
