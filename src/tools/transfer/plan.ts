import { isObject, type Json, type JsonObject } from '../../pipedrive/json.ts';
import { Problem } from '../../vocabulary/problem.ts';
import { outsidersWrote } from '../answers/answer.ts';
import { cut } from '../answers/text.ts';
import { Contacts } from '../bulk/contacts.ts';
import type { Planned } from '../bulk/job.ts';
import { Pace } from '../bulk/pace.ts';
import { shown } from '../names/link.ts';
import { operationOf } from '../nested.ts';
import type { ContactKind } from '../writing/alike.ts';
import { batches, creating, givenOf, type Present, presentOf, type Reading } from './check.ts';
import { type Decision, written } from './decisions.ts';
import type { OnDuplicate } from './import.ts';
import { Likes } from './likes.ts';
import { type Links, linksOf, type Made } from './links.ts';
import { priceOf, questionOf } from './price.ts';
import type { Report } from './report.ts';
import { type Fault, faultIn, type Given, without } from './row.ts';
import type { Row, RowFile } from './rows.ts';
import { updating } from './update.ts';

/** What an answer shows of rows that go wrong or are left out. */
const HINT = 'Bad rows are left out and kept in the report: mend them there and import that file.';
const MOST_SHOWN = 20;
/** Of one row. */
const MOST_FAULTS = 5;
const LONGEST_SHOWN = 200;

/** Checks all rows of a file and writes nothing but the report. */
export async function checkAll(
  reading: Reading,
  file: RowFile,
  on: OnDuplicate,
  report: Report,
): Promise<Omit<Planned, 'work'> & { readonly decisions: readonly string[] }> {
  const check = await Check.begin(reading, on, report);
  for await (const rows of batches(file.rows())) await check.take(rows);
  return check.outcome();
}

class Check {
  readonly #reading: Reading;
  readonly #on: OnDuplicate;
  readonly #report: Report;
  readonly #pace: Pace;
  readonly #contacts: Partial<Record<ContactKind, Contacts>> = {};
  #likes: Likes | undefined;
  readonly #decisions: string[] = [];
  /** The line that is about each record. */
  readonly #lines = new Map<string, number>();
  readonly #counts = { create: 0, update: 0, same: 0, skip: 0, bad: 0, persons: 0, organizations: 0 };
  readonly #bad: JsonObject[] = [];
  readonly #skipped: JsonObject[] = [];

  private constructor(reading: Reading, on: OnDuplicate, report: Report) {
    this.#reading = reading;
    this.#on = on;
    this.#report = report;
    this.#pace = new Pace(reading.run);
  }

  /** Walks through what of the account rows are compared with. */
  static async begin(reading: Reading, on: OnDuplicate, report: Report): Promise<Check> {
    const check = new Check(reading, on, report);
    const { run, kind, matched } = reading;
    const sets = (key: string) => matched.some(({ target }) => target.is === 'contact' && target.key.startsWith(key));
    const looks = on !== 'create';
    for (const one of ['organization', 'person'] as const) {
      if (sets(one) || (looks && kind === one)) check.#contacts[one] = await Contacts.walk(run, one, check.#pace);
    }
    if (looks && kind !== 'person' && kind !== 'organization') check.#likes = await Likes.walk(run, kind, check.#pace);
    return check;
  }

  async take(rows: readonly Row[]): Promise<void> {
    const given = await givenOf(this.#reading, rows);
    const { run } = this.#reading;
    const named = given.flatMap((one) => this.#target(one) ?? []);
    const present = await presentOf(this.#reading, run.client, named);
    for (const [index, one] of given.entries()) {
      const row = rows[index];
      if (row) this.#decisions.push(written(await this.#decide(row, one, present), row));
    }
    this.#pace.step(rows.length);
  }

  /** The record that a row changes, as far as it is known before its check. */
  #target(given: Given): Json | undefined {
    if (given.id !== undefined || this.#on !== 'update' || given.faults.length > 0) return given.id;
    try {
      const { links } = linksOf(this.#reading.kind, given, this.#known());
      return this.#like(this.#identity(given, links))?.['same_as'];
    } catch (error) {
      // The check finds it once more, and says so.
      if (error instanceof Problem) return undefined;
      throw error;
    }
  }

  #known() {
    return { persons: this.#contacts.person, organizations: this.#contacts.organization };
  }

  async #decide(row: Row, given: Given, present: ReadonlyMap<string, Present>): Promise<Decision> {
    let faults: readonly Fault[];
    try {
      if (given.faults.length === 0) return await this.#good(given, present);
      faults = [...given.faults, ...(await this.#more(given, present))];
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const first = faultIn(error, this.#reading.matched);
      faults = [first, ...(await this.#more(without(given, first, this.#reading.matched), present))];
    }
    this.#counts.bad += 1;
    for (const { column, what, remedy } of faults) {
      if (this.#bad.length < MOST_SHOWN) {
        this.#bad.push({
          line: given.line,
          column,
          what: cut(what, LONGEST_SHOWN),
          remedy: cut(remedy, LONGEST_SHOWN),
        });
      }
    }
    await this.#report.note(row, faults);
    return { is: 'bad' };
  }

  /** What else is wrong with a row that is not good anyway, so that it is mended at one go. */
  async #more(given: Given, present: ReadonlyMap<string, Present>): Promise<readonly Fault[]> {
    const faults: Fault[] = [];
    for (let rest = given; faults.length < MOST_FAULTS; ) {
      try {
        const { links } = linksOf(this.#reading.kind, rest, this.#known());
        const now = rest.id === undefined ? undefined : present.get(String(rest.id));
        if (rest.id === undefined) await creating(this.#reading, rest, links);
        else if (now) await updating(this.#reading, rest, links, now);
        return faults;
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        const fault = faultIn(error, this.#reading.matched);
        const next = without(rest, fault, this.#reading.matched);
        // What is missing may be what is wrong in another column.
        if (next.values.size === rest.values.size) return faults;
        faults.push(fault);
        rest = next;
      }
    }
    return faults;
  }

  async #good(given: Given, present: ReadonlyMap<string, Present>): Promise<Decision> {
    const { kind } = this.#reading;
    const { links, made } = linksOf(kind, given, this.#known());
    const identity = this.#identity(given, links);
    let id = given.id;
    if (id === undefined && this.#on !== 'create') {
      const like = this.#like(identity);
      if (like && this.#on === 'skip') {
        this.#counts.skip += 1;
        if (this.#skipped.length < MOST_SHOWN) this.#skipped.push({ line: given.line, ...like });
        return { is: 'skip' };
      }
      if (like?.['same_as_line'] !== undefined) {
        throw new Problem(
          `It is the same as line ${String(like['same_as_line'])} of this file.`,
          '',
          'Leave one of them out.',
        );
      }
      id = like?.['same_as'];
    }
    if (id !== undefined) this.#refuseTwice(id, given.line);
    if (id === undefined) {
      await creating(this.#reading, given, links);
      this.#noteNew(given.line, identity);
    } else if (!(await this.#changes(given, links, id, present))) {
      this.#counts.same += 1;
      return { is: 'same' };
    }
    for (const one of made) this.#noteMade(given.line, one);
    const is = id === undefined ? 'create' : 'update';
    this.#counts[is] += 1;
    return { is, links, ...(id === undefined ? {} : { id }) };
  }

  /** Two rows about one record may say two things of it. */
  #refuseTwice(id: Json, line: number): void {
    const before = this.#lines.get(String(id));
    this.#lines.set(String(id), before ?? line);
    if (before !== undefined) {
      throw new Problem(
        `It is about the same ${this.#reading.kind} as line ${before}, ${String(id)}.`,
        '',
        'Leave one of them out.',
      );
    }
  }

  async #changes(given: Given, links: Links, id: Json, present: ReadonlyMap<string, Present>): Promise<boolean> {
    const { kind } = this.#reading;
    const now = present.get(String(id));
    if (!now)
      throw new Problem(
        `"id": there is no ${kind} ${String(id).slice(0, 60)}.`,
        '',
        'Leave the ID empty to make a new one.',
      );
    return (await updating(this.#reading, given, links, now)) !== undefined;
  }

  /** What a row is compared by with what is there; a contact that is yet to be made tells rows of one file apart as well. */
  #identity({ args, contact }: Given, { person, organization }: Links): JsonObject {
    const { kind } = this.#reading;
    if (kind === 'organization') return args;
    const company =
      organization === undefined ? {} : { [kind === 'lead' ? 'organization_id' : 'org_id']: organization };
    if (kind === 'person') return contact.organization === undefined ? args : { ...args, ...company };
    return { ...withIds(args), ...(person === undefined ? {} : { person_id: person }), ...company };
  }

  #like(identity: JsonObject): JsonObject | undefined {
    const { kind } = this.#reading;
    if (kind !== 'person' && kind !== 'organization') {
      const like = this.#likes?.find(identity);
      if (!like) return undefined;
      return 'id' in like ? { same_as: like.id } : { same_as_line: like.line };
    }
    const [one, other] = this.#contacts[kind]?.alike(identity) ?? [];
    if (!one) return undefined;
    if (other && this.#on === 'update') {
      throw new Problem(
        `It may be ${kind} ${one.ref} or ${other.ref} (${one.why}, ${other.why}).`,
        '',
        'Give the ID of the one that is meant in a column ID.',
      );
    }
    return one.ref > 0 ? { same_as: one.ref, why: one.why } : { same_as_line: -one.ref, why: one.why };
  }

  #noteNew(line: number, identity: JsonObject): void {
    const { kind } = this.#reading;
    if (kind === 'person' || kind === 'organization') this.#contacts[kind]?.note(-line, identity);
    else this.#likes?.note(line, identity);
  }

  #noteMade(line: number, { kind, record }: Made): void {
    this.#contacts[kind]?.note(-line, record);
    this.#counts[kind === 'person' ? 'persons' : 'organizations'] += 1;
  }

  outcome(): Omit<Planned, 'work'> & { readonly decisions: readonly string[] } {
    const { kind, matched } = this.#reading;
    const { create, update, same, skip, bad, persons, organizations } = this.#counts;
    const { plural } = operationOf(`create_${kind}`).entity;
    const contacts = persons + organizations;
    const made = { ...(organizations > 0 ? { organizations } : {}), ...(persons > 0 ? { persons } : {}) };
    const left = matched
      .filter(({ target, title }) => target.is === 'nothing' && title !== '')
      .map(({ title }) => title);
    const facts: JsonObject = {
      rows: this.#decisions.length,
      create,
      update,
      ...(same > 0 ? { unchanged: same } : {}),
      ...(contacts > 0 ? { also_made: made } : {}),
      ...(skip > 0 ? { skipped: skip, such_as: this.#skipped } : {}),
      ...(left.length > 0 ? { columns_left_out: left } : {}),
      ...(bad > 0 ? { bad, bad_rows: this.#bad, ...outsidersWrote(['bad_rows']), hint: HINT } : {}),
    };
    return {
      decisions: this.#decisions,
      count: create + update,
      says: facts,
      question: questionOf(plural, this.#counts),
      price: priceOf(kind, { create, update, contacts }),
    };
  }
}

/** Records that are named as `Ann Lee (14)` by their ids alone; the first who takes part is the contact. */
function withIds(args: JsonObject): JsonObject {
  const idOf = (value: Json | undefined) => (typeof value === 'string' ? (shown(value)?.id ?? value) : (value ?? null));
  const ids = ['deal_id', 'project_id'].flatMap((key) => (key in args ? [[key, idOf(args[key])] as const] : []));
  const [first] = Array.isArray(args['participants']) ? args['participants'] : [];
  const person = isObject(first) ? { person_id: idOf(first['person_id']) } : {};
  return { ...args, ...person, ...Object.fromEntries(ids) };
}
