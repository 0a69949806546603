import type { Json, JsonObject } from '../../pipedrive/json.ts';
import { fold } from '../../vocabulary/fold.ts';
import { toHtml, toText } from '../answers/text.ts';
import { digest } from '../bulk/contacts.ts';
import type { Pace } from '../bulk/pace.ts';
import { nested } from '../nested.ts';
import type { Run } from '../run.ts';
import { dueToLocal } from '../time.ts';
import { chosen } from '../where/chosen.ts';
import type { Imported } from './targets.ts';

/** Kinds that are told apart by what they say; contacts have rules of their own. */
type Kind = Exclude<Imported, 'person' | 'organization'>;

/** What is there already or will be: an id, or the line that makes it. */
export type Like = { readonly id: Json } | { readonly line: number };

/** Records that are probably the same: deals and leads of one title for one contact, as create tells of them. */
export class Likes {
  readonly #kind: Kind;
  readonly #zone: string;
  readonly #known = new Map<number, Json>();
  readonly #made = new Map<number, number>();

  constructor(kind: Kind, zone: string) {
    this.#kind = kind;
    this.#zone = zone;
  }

  /** All that the account has. */
  static async walk(run: Run, kind: Kind, pace: Pace): Promise<Likes> {
    const likes = new Likes(kind, run.account.zone);
    const name = kind === 'activity' ? 'list_activities' : `list_${kind}s`;
    const listing = await nested(run, name, kind === 'activity' ? { done: 'any' } : {});
    for await (const { records } of chosen(listing, { codes: [] })) {
      for (const record of records) {
        for (const key of likes.#keys(record, true))
          if (!likes.#known.has(key)) likes.#known.set(key, record['id'] ?? null);
      }
      pace.step(records.length);
    }
    return likes;
  }

  find(args: JsonObject): Like | undefined {
    for (const key of this.#keys(args, false)) {
      const id = this.#known.get(key);
      if (id !== undefined) return { id };
      const line = this.#made.get(key);
      if (line !== undefined) return { line };
    }
    return undefined;
  }

  /** A line of the file makes one. */
  note(line: number, args: JsonObject): void {
    for (const key of this.#keys(args, true)) if (!this.#made.has(key)) this.#made.set(key, line);
  }

  /** Of a record that is there, a key for each contact; of one that is looked for, of the first. */
  #keys(record: JsonObject, isAll: boolean): number[] {
    const keys = this.#texts(record).map((text) => digest(text));
    return isAll ? keys : keys.slice(0, 1);
  }

  #texts(record: JsonObject): string[] {
    const word = (key: string) => fold(String(record[key] ?? ''));
    if (this.#kind === 'product') {
      return ['code', 'name'].flatMap((key) => (word(key) === '' ? [] : [`${key} ${word(key)}`]));
    }
    if (this.#kind === 'deal') {
      const status = word('status') || 'open';
      // Deals that are closed are told apart by their amounts too: a renewal is won each year.
      const amount = status === 'open' ? '' : ` ${Number(record['value'] ?? 0)}`;
      return this.#linked(record, ['org_id', 'person_id'], `${word('title')} ${status}${amount}`);
    }
    if (this.#kind === 'lead') return this.#linked(record, ['organization_id', 'person_id'], word('title'));
    const about = ['deal_id', 'lead_id', 'project_id', 'org_id', 'person_id'];
    if (this.#kind === 'note') return this.#linked(record, about, digestible(String(record['content'] ?? '')));
    const { due_date, due_time } = localDue(record, this.#zone);
    return this.#linked(record, about, `${word('subject')} ${due_date} ${due_time}`);
  }

  #linked(record: JsonObject, links: readonly string[], text: string): string[] {
    const set = links.flatMap((key) => {
      const id = record[key] ?? null;
      return id === null || id === '' ? [] : [`${text} ${key} ${String(id)}`];
    });
    return set.length > 0 ? set : [`${text} alone`];
  }
}

/** A note as it reads, whether it is markdown or the HTML that Pipedrive made of it. */
function digestible(content: string): string {
  const html = /^\s*</.test(content) ? content : toHtml(content, 'content');
  return fold(toText(html));
}

/** Records say when they are due in UTC, with seconds; rows by the user's clock. */
function localDue({ due_date, due_time }: JsonObject, zone: string): { due_date: string; due_time: string } {
  const [day, time] = [String(due_date ?? ''), String(due_time ?? '')];
  return day !== '' && /^\d{2}:\d{2}:\d{2}/.test(time)
    ? dueToLocal({ due_date: day, due_time: time }, zone)
    : { due_date: day, due_time: time };
}
