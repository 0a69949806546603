import { DateTime } from 'luxon';
import { fold } from '../../vocabulary/fold.ts';
import { Problem } from '../../vocabulary/problem.ts';
import { toUtc } from '../time.ts';
import type { Operator, Subject } from './where.ts';
import { valueHint } from './where-hints.ts';

/** The moment and the IANA zone in which `today` and `14:30` are understood. */
export type Clock = { readonly now: Date; readonly zone: string };

/**
 * A stretch on a line, both ends within it: an amount is a point, a day of a date or an instant is that day, a month all
 * its days. Dates are epoch milliseconds of their midnight in UTC, instants epoch milliseconds, times of day seconds.
 */
export type Span = {
  readonly kind: 'span';
  readonly from: number;
  readonly to: number;
  /** The ends in plain words; the same for a point, a day, a moment. */
  readonly first: string;
  readonly last: string;
  /** Only amounts in this currency are compared. */
  readonly currency?: string;
  /** The words for it as they were given, folded: `this quarter`. */
  readonly written?: string;
};
export type Word = {
  readonly kind: 'word';
  /** The text, yes or no as a boolean, or what the subject's `resolve` made of the word. */
  readonly key: string | number | boolean;
  readonly folded: string;
  readonly said: string;
};
/** What is compared with: any one of these. Several only come from `in (a, b)`. */
export type Value = readonly (Span | Word)[];

/** How a value of each type is written, for errors. */
export const forms: Readonly<Record<Subject['type'], string>> = {
  text: '"some text"',
  number: '50000, 50,000 or 1.5m',
  money: '50000 EUR, or 50000 for any currency',
  date: '2026-12-31, today, 14 days ago, in 2 weeks, this quarter, 2026-11, 2026-Q4 or 2026-10-01 to 2026-10-15',
  time: '2026-12-31, 2026-12-31 14:30, now, today, 14 days ago, in 2 weeks, this quarter, 2026-11 or 2026-Q4',
  clock: '14:30',
  flag: 'yes or no',
  option: 'one of its options',
  name: 'a name or an id',
  list: 'one of its options',
};

/**
 * What a word of a condition means for its subject. Throws Problem, also by way of the subject's `resolve`.
 *
 * Days and periods are the user's: `this week` begins on Monday in the zone, and an instant is `= 2026-11-20` from that
 * day's first to its last moment there, however long the clocks make it. `14 days ago` is that day for a date; for an
 * instant it is the moment with the same time on the clock, to the second, but for `=` and `!=` that day too.
 */
export function readValue(subject: Subject, operator: Operator, text: string, clock: Clock): Span | Word {
  const plain = fold(text);
  if (plain === '') throw wrong(subject, text, 'There is nothing in it to compare with.');
  const value = read(subject, operator, text, text.length > 60 ? '' : plain, clock);
  if (value === undefined) throw wrong(subject, text, whyNot(subject, plain, clock), valueHint(subject, plain));
  return value.kind === 'span' ? { ...value, written: plain } : value;
}

function read(
  subject: Subject,
  operator: Operator,
  text: string,
  plain: string,
  clock: Clock,
): Span | Word | undefined {
  switch (subject.type) {
    case 'number':
      return point(readNumber(plain.replace(/ ?%$/, '')), undefined);
    case 'money':
      return readMoney(plain, subject);
    case 'clock':
      return readClock(plain);
    case 'date':
      return readDate(plain, clock);
    case 'time':
      return readTime(plain, subject, operator, clock);
    case 'flag':
      return flags.has(plain) ? word(flags.get(plain) === true, flags.get(plain) === true ? 'yes' : 'no') : undefined;
    default:
      return word(subject.resolve?.(text) ?? text, text);
  }
}

function wrong(subject: Subject, text: string, why: string, hint?: string): Problem {
  const name = subject.names[0] ?? subject.key;
  return new Problem(
    `where: "${text.slice(0, 80)}" is no value for "${name}".`,
    why,
    hint ?? `Give ${name} ${forms[subject.type]}.`,
  );
}

/** What the values of each type are called, for errors. */
export const kinds: Readonly<Record<Subject['type'], string>> = {
  text: 'text',
  number: 'a number',
  money: 'an amount of money',
  date: 'a date or a period',
  time: 'a date, a period or a moment',
  clock: 'a time of day',
  flag: 'yes or no',
  option: 'an option',
  name: 'a name',
  list: 'an option',
};

const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

function whyNot({ type }: Subject, plain: string, clock: Clock): string {
  const day = weekdays.findIndex((name) => plain.split(' ').some((part) => part === name || part === name.slice(0, 3)));
  if (day !== -1 && (type === 'date' || type === 'time')) {
    const today = todayOf(clock);
    const before = today.minus({ days: (today.weekday - (day + 1) + 7) % 7 || 7 });
    const after = today.plus({ days: (day + 1 - today.weekday + 7) % 7 || 7 });
    return `It could be ${before.toISODate()} or ${after.toISODate()}: write the date.`;
  }
  const joined = / (and|or) /.test(plain) ? ' Conditions are given one by one, and all must hold.' : '';
  return `It is not ${kinds[type]} that can be understood.${joined}`;
}

const flags = new Map([
  ['yes', true],
  ['true', true],
  ['no', false],
  ['false', false],
]);

function word(key: string | number | boolean, said: string): Word {
  return { kind: 'word', key, folded: fold(String(key)), said };
}

/** `50.000` is fifty thousand to half of Europe. */
const TWOFOLD = /^[+-]?[1-9]\d{0,2}\.\d{3}$/;

function point(amount: number | undefined, currency: string | undefined): Span | undefined {
  if (amount === undefined) return undefined;
  // A zero more where it might be read as thousands, so that what is said can be given again.
  const digits = TWOFOLD.test(String(amount)) ? `${amount}0` : String(amount);
  const said = currency === undefined ? digits : `${digits} ${currency}`;
  const span: Span = { kind: 'span', from: amount, to: amount, first: said, last: said };
  return currency === undefined ? span : { ...span, currency };
}

const powers: Readonly<Record<string, number>> = { k: 3, thousand: 3, m: 6, million: 6, bn: 9, billion: 9 };
const number =
  /^([+-]?(?:[1-9]\d{0,2}(?:[ ,]\d{3})+|0|[1-9]\d*)?(?:\.\d+)?)(?:e([+-]?\d{1,3})| ?(k|thousand|m|million|bn|billion))?$/;

function readNumber(plain: string): number | undefined {
  if (TWOFOLD.test(plain)) return undefined;
  const [, digits = '', exponent, power = ''] = number.exec(plain.replace(/^−/, '-')) ?? [];
  if (!/\d/.test(digits)) return undefined;
  // Scaled by its decimal exponent, since 1.005 * 1000 is not 1005.
  const amount = Number(`${digits.replaceAll(/[ ,]/g, '')}e${exponent ?? powers[power] ?? 0}`);
  return Number.isFinite(amount) ? amount : undefined;
}

export const ANY_CURRENCY = 'in any currency';

function readMoney(plain: string, subject: Subject): Span | undefined {
  const bare = plain.endsWith(` ${ANY_CURRENCY}`) ? plain.slice(0, -ANY_CURRENCY.length - 1) : undefined;
  const amount = readNumber(bare ?? plain);
  if (amount !== undefined || bare !== undefined) return point(amount, undefined);
  const spaced = plain.replace(/^(\p{L}{3}|\p{Sc})(?=[\d.])/u, '$1 ').replace(/(?<=\d)(\p{L}{3}|\p{Sc})$/u, ' $1');
  const [first = '', ...rest] = spaced.split(' ');
  const last = rest.pop() ?? '';
  return (
    withCurrency([first, ...rest].join(' '), last, subject) ?? withCurrency([...rest, last].join(' '), first, subject)
  );
}

function withCurrency(amount: string, currency: string, { resolve }: Subject): Span | undefined {
  const read = readNumber(amount);
  if (read === undefined) return undefined;
  if (resolve) return point(read, String(resolve(currency)).toUpperCase());
  return /^[a-z]{3}$/.test(currency) ? point(read, currency.toUpperCase()) : undefined;
}

function readClock(plain: string): Span | undefined {
  const [, hour, minute, second] = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(plain) ?? [];
  if (hour === undefined || minute === undefined) return undefined;
  const from = Number(hour) * 3600 + Number(minute) * 60 + Number(second ?? 0);
  const said = `${hour.padStart(2, '0')}:${minute}${second === undefined ? '' : `:${second}`}`;
  return { kind: 'span', from, to: second === undefined ? from + 59 : from, first: said, last: said };
}

/** First and last day, as midnights in UTC: a calendar without zones, in which every day has 24 hours. */
type Days = readonly [DateTime, DateTime];

function todayOf({ now, zone }: Clock): DateTime {
  return DateTime.fromJSDate(now).setZone(zone).setZone('utc', { keepLocalTime: true }).startOf('day');
}

const units = ['minute', 'hour', 'day', 'week', 'month', 'quarter', 'year'] as const;
type Unit = (typeof units)[number];
const near = new Map([
  ['yesterday', -1],
  ['today', 0],
  ['tomorrow', 1],
]);
const steps = new Map([
  ['last', -1],
  ['this', 0],
  ['next', 1],
]);
const written: readonly (readonly [RegExp, Unit])[] = [
  [/^\d{4}$/, 'year'],
  [/^\d{4}-\d{2}$/, 'month'],
  [/^\d{4}-\d{2}-\d{2}$/, 'day'],
];

/** `14 days ago` as days and -14; `in 2 weeks`, `2 weeks from now`, `a week ago`. */
function readShift(plain: string): { unit: Unit; count: number } | undefined {
  const [, before, many = '', name, after] =
    /^(in )?(\d{1,5}|an?) (minute|hour|day|week|month|quarter|year)s?( ago| from now)?$/.exec(plain) ?? [];
  const unit = units.find((one) => one === name);
  if (unit === undefined || (before === undefined) === (after === undefined)) return undefined;
  const count = many.startsWith('a') ? 1 : Number(many);
  return { unit, count: after === ' ago' ? -count : count };
}

function period(start: DateTime, unit: Unit): Days {
  return [start.startOf(unit), start.endOf(unit).startOf('day')];
}

function readDays(plain: string, today: DateTime): Days | undefined {
  const shift = readShift(plain);
  if (shift) {
    if (shift.unit === 'minute' || shift.unit === 'hour') return undefined;
    return period(today.plus({ [shift.unit]: shift.count }), 'day');
  }
  const text = plain.replace(/^in /, '');
  const days = near.get(text);
  if (days !== undefined) return period(today.plus({ days }), 'day');
  const [, step = '', named] = /^(last|this|next) (week|month|quarter|year)$/.exec(text) ?? [];
  const unit = units.find((one) => one === named);
  if (unit !== undefined) return period(today.plus({ [unit]: steps.get(step) ?? 0 }), unit);
  const [, year, quarter] = /^(\d{4})-q([1-4])$/.exec(text) ?? [];
  if (quarter !== undefined) return period(DateTime.utc(Number(year), 3 * Number(quarter)), 'quarter');
  const size = written.find(([form]) => form.test(text))?.[1];
  return size === undefined ? undefined : period(DateTime.fromISO(text, { zone: 'utc' }), size);
}

/** A period, or one from the start of a period to the end of another: `2026-10-01 to 2026-12-31`. */
function readPeriod(plain: string, clock: Clock): Days | undefined {
  const [left = '', right, ...more] = plain.split(' to ');
  const today = todayOf(clock);
  const first = readDays(left, today)?.[0];
  const last = readDays(right ?? left, today)?.[1];
  if (more.length > 0 || !first?.isValid || !last?.isValid) return undefined;
  return first <= last && first.year >= 0 && last.year <= 9999 ? [first, last] : undefined;
}

function day(date: DateTime): string {
  return date.toFormat('yyyy-MM-dd');
}

function readDate(plain: string, clock: Clock): Span | undefined {
  const days = readPeriod(plain, clock);
  if (!days) return undefined;
  const [first, last] = days;
  return { kind: 'span', from: first.toMillis(), to: last.toMillis(), first: day(first), last: day(last) };
}

function readTime(plain: string, subject: Subject, operator: Operator, clock: Clock): Span | undefined {
  const { now, zone } = clock;
  const shift = readShift(plain);
  const byDay = shift !== undefined && shift.unit !== 'minute' && shift.unit !== 'hour';
  if (plain === 'now' || (shift && !(byDay && (operator === '=' || operator === '!=')))) {
    const local = DateTime.fromJSDate(now).setZone(zone);
    return moment(shift ? local.plus({ [shift.unit]: shift.count }) : local, 1000);
  }
  const instant = /^\d{4}-\d{2}-\d{2}[t ]\d{2}:\d{2}(:\d{2}(?:\.\d{1,9})?)?(?:z|[+-]\d{2}(?::?\d{2})?)?$/.exec(plain);
  if (instant) {
    const time = toUtc(plain.toUpperCase(), zone, subject.names[0] ?? subject.key);
    return moment(time.setZone(zone), instant[1] === undefined ? 60_000 : 1000);
  }
  const days = readPeriod(plain, clock);
  if (!days) return undefined;
  const [first, last] = days;
  return {
    kind: 'span',
    from: startOfDay(first, zone),
    to: startOfDay(last.plus({ days: 1 }), zone) - 1,
    first: day(first),
    last: day(last),
  };
}

/** The first moment of a day in the zone. Where clocks go back at midnight it strikes twice, and luxon takes the second. */
function startOfDay(date: DateTime, zone: string): number {
  const starts = date.setZone(zone, { keepLocalTime: true }).startOf('day').getPossibleOffsets();
  return Math.min(...starts.map((start) => start.toMillis()));
}

/** A second or a minute. Where the clock shows that time twice, the offset tells which. */
function moment(time: DateTime, length: number): Span | undefined {
  if (!time.isValid || time.year < 0 || time.year > 9999) return undefined;
  const from = Math.floor(time.toMillis() / 1000) * 1000;
  const twice = time.getPossibleOffsets().length > 1 ? 'ZZ' : '';
  const said = time.toFormat(`yyyy-MM-dd HH:mm${length < 60_000 ? ':ss' : ''}${twice}`);
  return { kind: 'span', from, to: from + length - 1, first: said, last: said };
}
