import { DateTime } from 'luxon';
import type { Json, JsonObject } from '../../../pipedrive/json.ts';
import type { Field, Fields } from '../../../vocabulary/fields.ts';
import { fold } from '../../../vocabulary/fold.ts';
import { didYouMean, Problem } from '../../../vocabulary/problem.ts';
import type { Run } from '../../run.ts';
import { toLocal } from '../../time.ts';
import { isConditional, type RecordSubject, subjectsOf } from '../../where/subjects.ts';
import { unquoted } from '../../where/where-words.ts';

const units = ['day', 'week', 'month', 'quarter', 'year'] as const;
export type Unit = (typeof units)[number];

/** What records are put together by: `month of won time`. */
export type Group = {
  /** As answers call its column. */
  readonly name: string;
  readonly subject: RecordSubject;
  /** Of a date or time, how much of it counts. */
  readonly unit: Unit | undefined;
  readonly field: Field | undefined;
};

/** What a record has of a group: an id, a word, a period such as `2026-11`; null where it has nothing. */
export type Value = string | number | boolean | null;

/** What people also call these, where nothing of the account has that name. */
const synonyms: ReadonlyMap<string, string> = new Map([
  ['close', 'close_time'],
  ['user', 'owner_id'],
  ['salesperson', 'owner_id'],
]);

const MOST_LISTED = 30;
const UNIT = units.join('|');
const before = new RegExp(`^(${UNIT})s? (?:of (?:the )?)?(.+)$`, 'i');
const after = new RegExp(`^(.+?),? (?:by |per )?(${UNIT})s?$`, 'i');

/**
 * The groups that the texts ask for: the words are those of `where`, with a unit before or after a date. Throws Problem,
 * for something that isn't known only after the account's fields were loaded anew.
 */
export async function groupsOf(run: Run, texts: readonly string[]): Promise<readonly Group[]> {
  if (texts.length === 0) return [];
  const { name } = run.operation.entity;
  if (!isConditional(name)) throw new Error(`${name} has nothing to be grouped by`);
  const kept = run.vocabulary.fields(name);
  const loaded = kept.loadedAt;
  const read = (fields: Fields) => distinct(texts.map((text) => readGroup(text, new Words(fields, run, name))));
  const fields = await kept.get(run.options);
  try {
    return read(fields);
  } catch (error) {
    if (loaded === undefined || kept.loadedAt !== loaded || !(error instanceof Problem)) throw error;
    return read(await kept.refresh(run.options));
  }
}

/** The subjects of a kind of record by every name they have. */
class Words {
  readonly all: readonly RecordSubject[];
  readonly fields: Fields;
  readonly #named = new Map<string, RecordSubject[]>();

  constructor(fields: Fields, run: Run, entity: Parameters<typeof subjectsOf>[0]) {
    this.fields = fields;
    this.all = subjectsOf(entity, fields, run.account.zone);
    for (const subject of this.all) {
      for (const name of new Set([...subject.names, subject.key].map(fold))) {
        this.#named.set(name, [...(this.#named.get(name) ?? []), subject]);
      }
    }
  }

  find(text: string): readonly RecordSubject[] {
    const name = fold(unquoted(text.trim()));
    const own = this.#named.get(name);
    return own ?? this.all.filter(({ key }) => key === synonyms.get(name));
  }

  /** The first of its names that nothing else has. */
  nameOf(subject: RecordSubject): string {
    return subject.names.find((name) => this.find(name).length === 1) ?? subject.key;
  }

  near(text: string): string | undefined {
    const near = didYouMean(fold(text), [...this.#named.keys()]);
    const [subject] = near === undefined ? [] : this.find(near);
    return subject && this.example(subject);
  }

  example(subject: RecordSubject): string {
    return isTime(subject) ? `month of ${this.nameOf(subject)}` : this.nameOf(subject);
  }
}

function isTime({ type }: RecordSubject): boolean {
  return type === 'date' || type === 'time';
}

function readGroup(text: string, words: Words): Group {
  const [, first, of] = before.exec(text.trim()) ?? [];
  const [, by, last] = after.exec(text.trim()) ?? [];
  for (const [name, unit] of [[text], [of, first], [by, last]]) {
    const [subject, ...others] = name === undefined ? [] : words.find(name);
    if (subject === undefined) continue;
    if (others.length > 0) throw several(text, [subject, ...others], words);
    const found = units.find((one) => one === unit?.toLowerCase());
    check(text, subject, found, words);
    const own = words.nameOf(subject);
    const field = subject.code === undefined ? undefined : words.fields.byCode(subject.code);
    return { name: found ? `${found} of ${own}` : own, subject, unit: found, field };
  }
  throw unknown(text, of ?? by ?? text, words);
}

function check(text: string, subject: RecordSubject, unit: Unit | undefined, words: Words): void {
  const name = words.nameOf(subject);
  if (subject.type === 'money' || subject.type === 'clock') {
    throw new Problem(
      `group_by: "${text.slice(0, 80)}" makes no groups.`,
      `${name} is ${subject.type === 'money' ? 'an amount' : 'a time of day'}, which is another one in nearly every record.`,
      `Give ${listed(words)}; where takes a range of amounts.`,
    );
  }
  if (isTime(subject) === (unit !== undefined)) return;
  throw unit === undefined
    ? new Problem(
        `group_by: "${text.slice(0, 80)}" does not say by what part of the date.`,
        `${name} is a date.`,
        `Give ${units.map((one) => `${one} of ${name}`).join(' or ')}.`,
      )
    : new Problem(`group_by: ${name} has no ${unit}.`, 'It is no date.', `Give ${name}, or ${listed(words)}.`);
}

function several(text: string, subjects: readonly RecordSubject[], words: Words): Problem {
  return new Problem(
    `group_by: "${text.slice(0, 80)}" may be ${subjects.length} things.`,
    'More than one field has this name.',
    `Say which: ${subjects.map((one) => words.example(one)).join(' or ')}.`,
  );
}

function unknown(text: string, name: string, words: Words): Problem {
  const bare = fold(text).replace(/^(by|per|each) /, '');
  const unit = units.find((one) => [one, `${one}s`, one === 'day' ? 'daily' : `${one}ly`].includes(bare));
  if (unit !== undefined) {
    const dates = words.all.filter(isTime).slice(0, MOST_LISTED);
    return new Problem(
      `group_by: "${text.slice(0, 80)}" does not say of what.`,
      'A record has several dates.',
      `Say of what: ${dates.map((one) => `${unit} of ${words.nameOf(one)}`).join(', ')}.`,
    );
  }
  const near = words.near(name);
  return new Problem(
    `group_by: nothing here is called "${text.slice(0, 80)}".${near === undefined ? '' : ` Did you mean "${near}"?`}`,
    'A group is a column or a field, of a date the day, week, month, quarter or year.',
    `Give ${listed(words)}.`,
  );
}

/** What makes groups of several records comes first, then dates, then texts and numbers. */
function listed(words: Words): string {
  const rank = (one: RecordSubject) => (isTime(one) ? 1 : one.type === 'text' || one.type === 'number' ? 2 : 0);
  const all = words.all
    .filter(({ type }) => type !== 'money' && type !== 'clock')
    .toSorted((a, b) => rank(a) - rank(b));
  const names = all.slice(0, MOST_LISTED).map((one) => words.example(one));
  return `${names.join(', ')}${all.length > names.length ? ` and ${all.length - names.length} more` : ''}`;
}

function distinct(groups: readonly Group[]): readonly Group[] {
  const [one, other] = groups;
  if (!one || one.name !== other?.name) return groups;
  throw new Problem(
    `group_by: "${one.name}" was given twice.`,
    'Two groups are taken one within the other.',
    'Give it once, or two different ones.',
  );
}

/** All that a record has of a group: several where it has several labels or options. */
export function valuesOf({ subject, unit }: Group, record: JsonObject, zone: string): readonly Value[] {
  const read = subject.read(record);
  const found = (Array.isArray(read) ? read : [read]).map((one) => (unit ? period(one, unit, zone) : plain(one)));
  const some = [...new Set(found)].filter((one) => one !== null);
  return some.length > 0 ? some : [null];
}

function plain(value: Json | undefined): Value {
  if (value === undefined || value === null || typeof value === 'object') return null;
  if (typeof value !== 'string') return value;
  const text = value.trim();
  return text === '' ? null : text;
}

/** The day of a calendar date is what it is; of an instant it is the user's. */
function period(value: Json | undefined, unit: Unit, zone: string): Value {
  if (typeof value !== 'string') return null;
  const day = toLocal(value, zone).slice(0, 10);
  const [year = '', month = ''] = day.split('-');
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day) || month === '00') return null;
  switch (unit) {
    case 'day':
      return day;
    case 'week':
      return DateTime.fromISO(day, { zone: 'utc' }).toFormat("kkkk-'W'WW");
    case 'month':
      return `${year}-${month}`;
    case 'quarter':
      return `${year}-Q${Math.ceil(Number(month) / 3)}`;
    case 'year':
      return year;
  }
}
