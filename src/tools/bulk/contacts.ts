import type { JsonObject } from '../../pipedrive/json.ts';
import { fold } from '../../vocabulary/fold.ts';
import { nested } from '../nested.ts';
import type { Run } from '../run.ts';
import { chosen } from '../where/chosen.ts';
import { addressOf, agree, type ContactKind, traitsOf } from '../writing/alike.ts';
import type { Pace } from './pace.ts';

/** A contact: its id, or the line of the file that makes it, as a negative number. */
export type Ref = number;

/** A few bytes in the place of a text (cyrb53): of a million of them, two are the same once in 10,000 files. */
export function digest(text: string): number {
  let [one, two] = [0xdeadbeef, 0x41c6ce57];
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    one = Math.imul(one ^ code, 2_654_435_761);
    two = Math.imul(two ^ code, 1_597_334_677);
  }
  one = Math.imul(one ^ (one >>> 16), 2_246_822_507) ^ Math.imul(two ^ (two >>> 13), 3_266_489_909);
  two = Math.imul(two ^ (two >>> 16), 2_246_822_507) ^ Math.imul(one ^ (one >>> 13), 3_266_489_909);
  return 2 ** 32 * (two & 0x1f_ffff) + (one >>> 0);
}

/** What shares a digest: mostly one. */
class Refs {
  readonly #known = new Map<number, Ref | Ref[]>();

  add(key: number, ref: Ref): void {
    const known = this.#known.get(key);
    if (known === undefined) this.#known.set(key, ref);
    else if (Array.isArray(known)) known.push(ref);
    else if (known !== ref) this.#known.set(key, [known, ref]);
  }

  get(key: number): readonly Ref[] {
    return [this.#known.get(key) ?? []].flat();
  }
}

/**
 * The persons or organizations of the account, and those that the file makes, by what they are known by: one walk through
 * all instead of two searches a row.
 */
export class Contacts {
  readonly kind: ContactKind;
  readonly #traits = new Refs();
  readonly #named = new Refs();
  /** The digest of each one's name. */
  readonly #names = new Map<Ref, number>();
  readonly #addresses = new Map<Ref, readonly string[]>();

  constructor(kind: ContactKind) {
    this.kind = kind;
  }

  /** All that the account has. */
  static async walk(run: Run, kind: ContactKind, pace: Pace): Promise<Contacts> {
    const contacts = new Contacts(kind);
    const listing = await nested(run, `list_${kind}s`, {});
    for await (const { records } of chosen(listing, { codes: [] })) {
      for (const record of records) if (typeof record['id'] === 'number') contacts.note(record['id'], record);
      pace.step(records.length);
    }
    return contacts;
  }

  note(ref: Ref, record: JsonObject): void {
    for (const { key } of traitsOf(this.kind, record)) this.#traits.add(digest(key), ref);
    const name = digest(fold(String(record['name'] ?? '')));
    this.#named.add(name, ref);
    if (ref > 0) this.#names.set(ref, name);
    const address = this.kind === 'organization' ? addressOf(record) : [];
    if (address.length > 0) this.#addresses.set(ref, address);
  }

  has(id: number): boolean {
    return this.#names.has(id);
  }

  isCalled(id: number, name: string): boolean {
    return this.#names.get(id) === digest(fold(name));
  }

  /** All that bear this name, case and accents aside. */
  called(name: string): readonly Ref[] {
    return this.#named.get(digest(fold(name)));
  }

  /** All that are probably the same, by the rules of create, with what they share. */
  alike(record: JsonObject): readonly { readonly ref: Ref; readonly why: string }[] {
    const found = new Map<Ref, string>();
    const address = this.kind === 'organization' ? addressOf(record) : [];
    for (const { key, says } of traitsOf(this.kind, record)) {
      for (const ref of this.#traits.get(digest(key))) {
        if (!found.has(ref) && agree(address, this.#addresses.get(ref) ?? [])) found.set(ref, says);
      }
    }
    return [...found].map(([ref, why]) => ({ ref, why }));
  }
}
