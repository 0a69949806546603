import { DateTime } from 'luxon';
import { addressParts } from '../address.ts';
import { invalid } from '../error.ts';
import { isObject } from '../fields/types.ts';
import type { Json } from '../json.ts';
import { isDate, isTime, withSeconds } from '../parameters.ts';
import type { World } from '../world.ts';
import type { FieldKind } from './helpers.ts';

/** What a condition compares a field with, as it is stored. */
type Compared = {
  readonly operator: string;
  readonly value: string | null;
  readonly extra_value: string | null;
};

/** Whether a field's value, as the record has it, is what the condition asks for; `days` are those that rot its deal. */
export type Test = (value: Json, days?: () => number | null) => boolean;

/**
 * How a field of that kind is tested. 400 for a value that the kind does not take. Of dates, an empty one meets no
 * comparison (2020-12-11); of anything else "is not" holds for an empty value.
 */
export function testOf(world: World, kind: FieldKind, compared: Compared, isAddress: boolean): Test {
  const { operator, extra_value } = compared;
  if (operator === 'IS NULL') return (value) => items(value).length === 0;
  if (operator === 'IS NOT NULL') return (value) => items(value).length > 0;
  const wanted = compared.value ?? '';
  if (wanted === '') throw invalid(`The operator ${operator} needs a value`);
  switch (kind) {
    case 'int':
    case 'double':
    case 'monetary':
      return numberTest(operator, wanted);
    case 'date':
    case 'entered_stage':
      return dateTest(world, operator, wanted);
    case 'time':
    case 'timerange':
    case 'daterange':
      return rangeTest(operator, kind === 'daterange' ? daySpan(world, wanted) : timeSpan(wanted));
    case 'varchar':
    case 'title':
    case 'currency':
      return textTest(operator, wanted, isAddress ? component(extra_value) : 'value');
    case 'set':
      return setTest(operator, wanted.split(','));
    case 'user':
      return operator === 'belongs_to_team' ? teamTest(world, wanted) : sameTest(operator, wanted);
    default:
      return sameTest(operator, wanted);
  }
}

/** The values in a field: none where it is empty, several of e-mails, labels and links to several. */
function items(value: Json): Json[] {
  const all = Array.isArray(value) ? value : [value];
  return all.filter(
    (one) => one !== null && one !== '' && !(isObject(one) && (one['value'] ?? one['amount']) === null),
  );
}

function negatable(operator: string, negative: string, holds: (value: Json) => boolean): Test {
  return operator === negative ? (value) => !holds(value) : holds;
}

function numberTest(operator: string, wanted: string): Test {
  const number = Number(wanted);
  if (!Number.isFinite(number)) throw invalid(`The value ${wanted} is not a number`);
  const compare: Readonly<Record<string, (own: number) => boolean>> = {
    '<': (own) => own < number,
    '<=': (own) => own <= number,
    '>': (own) => own > number,
    '>=': (own) => own >= number,
  };
  const holds = compare[operator] ?? ((own: number) => own === number);
  return negatable(operator, '!=', (value) => items(value).some((one) => holds(amount(one))));
}

function amount(value: Json): number {
  return Number(isObject(value) ? (value['value'] ?? value['amount']) : value);
}

function textTest(operator: string, wanted: string, part: string): Test {
  const text = wanted.toLowerCase();
  const compare: Readonly<Record<string, (own: string) => boolean>> = {
    "LIKE '%$%'": (own) => own.includes(text),
    "LIKE '$%'": (own) => own.startsWith(text),
    "NOT LIKE '$%'": (own) => own.startsWith(text),
  };
  const holds = compare[operator] ?? ((own: string) => own === text);
  const own = (value: Json) => String(isObject(value) ? (value[part] ?? '') : value).toLowerCase();
  const found: Test = (value) => items(value).some((one) => holds(own(one)));
  return operator === '!=' || operator === "NOT LIKE '$%'" ? (value) => !found(value) : found;
}

function component(extra: string | null): string {
  if (extra === null || extra === '') return 'value';
  if (!Object.hasOwn(addressParts, extra)) throw invalid(`${extra} is no component of an address`);
  return extra;
}

function setTest(operator: string, wanted: readonly string[]): Test {
  const own = (value: Json) => new Set(items(value).map(String));
  if (operator === 'contains') return (value) => wanted.every((one) => own(value).has(one));
  if (operator === 'not_contains') return (value) => !wanted.some((one) => own(value).has(one));
  const isSame: Test = (value) => {
    const has = own(value);
    return has.size === wanted.length && wanted.every((one) => has.has(one));
  };
  return negatable(operator, '!=', isSame);
}

/** Ids and keys; yes and no are kept as booleans and asked for as 1 and 0. */
function sameTest(operator: string, wanted: string): Test {
  const flag = wanted === '1' ? 'true' : wanted === '0' ? 'false' : wanted;
  const isSame = (one: Json) => String(one) === (typeof one === 'boolean' ? flag : wanted);
  return negatable(operator, '!=', (value) => items(value).some(isSame));
}

function teamTest({ db }: World, wanted: string): Test {
  const members = new Set(db.teams.get(Number(wanted))?.users);
  return (value) => items(value).some((one) => members.has(Number(one)));
}

/** A stretch of days or times of day, both ends in it; `from` and `to` are its first and last millisecond. */
type Span = { first: string; last: string; from: number; to: number };

function before({ first, from }: Span, own: string): boolean {
  return own.length > 10 ? Date.parse(own) < from : own < first;
}

function after({ last, to }: Span, own: string): boolean {
  return own.length > 10 ? Date.parse(own) > to : own > last;
}

function compareSpan(operator: string, span: Span, own: string): boolean {
  if (operator === '<') return before(span, own);
  if (operator === '<=') return !after(span, own);
  if (operator === '>') return after(span, own);
  if (operator === '>=') return !before(span, own);
  return (operator === '=') === (!before(span, own) && !after(span, own));
}

function dateTest(world: World, operator: string, wanted: string): Test {
  if (wanted === 'rotten_time') {
    // Deals rot when nothing has happened on them for as many days as their stage allows.
    return (value, days) => {
      const limit = days?.() ?? null;
      const now = today(world);
      const span = limit === null ? undefined : spanOf(now.minus({ days: limit }), now.minus({ days: limit }));
      return span !== undefined && items(value).some((one) => compareSpan(operator, span, String(one)));
    };
  }
  const span = daySpan(world, wanted);
  return (value) => items(value).some((one) => compareSpan(operator, span, String(one)));
}

/** What compares the end of a range, and how. */
const ends: Readonly<Record<string, string>> = {
  ends_at: '=',
  does_not_end_at: '!=',
  ends_before: '<',
  ends_e_before: '<=',
  ends_after: '>',
  ends_e_after: '>=',
};

/** Of a range, or of a time of day, which has a start only. */
function rangeTest(operator: string, span: Span): Test {
  const start = (value: Json) => String(isObject(value) ? value['value'] : value);
  const until = (value: Json) => String(isObject(value) ? (value['until'] ?? value['value']) : value);
  const end = ends[operator];
  return (value) =>
    items(value).some((one) => {
      if (operator === 'includes') return !after(span, start(one)) && !before(span, until(one));
      return end === undefined ? compareSpan(operator, span, start(one)) : compareSpan(end, span, until(one));
    });
}

function timeSpan(wanted: string): Span {
  if (!isTime(wanted)) throw invalid(`The value ${wanted} is not a time (HH:MM)`);
  const time = withSeconds(wanted);
  return { first: time, last: time, from: Number.NaN, to: Number.NaN };
}

function today(world: World): DateTime {
  return DateTime.fromJSDate(world.clock.now(), { zone: world.me().timezone_name }).startOf('day');
}

function spanOf(first: DateTime | undefined, last: DateTime | undefined): Span {
  return {
    first: first?.toISODate() ?? '',
    last: last?.toISODate() ?? '9999-12-31',
    from: first?.toMillis() ?? Number.NEGATIVE_INFINITY,
    to: last?.endOf('day').toMillis() ?? Number.POSITIVE_INFINITY,
  };
}

/** A day as YYYY-MM-DD, or one of the relative words of GET /filters/helpers; in the zone of the token's user. */
function daySpan(world: World, wanted: string): Span {
  const now = today(world);
  if (isDate(wanted)) {
    const day = DateTime.fromISO(wanted, { zone: now.zone });
    return spanOf(day, day);
  }
  if (wanted === 'now') {
    const moment = world.clock.now().getTime();
    return { ...spanOf(now, now), from: moment, to: moment };
  }
  const days = relativeDays(wanted, now);
  if (!days) throw invalid(`The value ${wanted} is not a date (YYYY-MM-DD) or a relative date`);
  return spanOf(...days);
}

function relativeDays(word: string, now: DateTime): [DateTime | undefined, DateTime | undefined] | undefined {
  const tomorrow = now.plus({ days: 1 });
  const fixed: Readonly<Record<string, [DateTime | undefined, DateTime | undefined]>> = {
    today: [now, now],
    yesterday: [now.minus({ days: 1 }), now.minus({ days: 1 })],
    tomorrow: [tomorrow, tomorrow],
    before_today: [undefined, now.minus({ days: 1 })],
    later_or_today: [now, undefined],
    before_tomorrow: [undefined, now],
    later_or_tomorrow: [tomorrow, undefined],
  };
  if (fixed[word]) return fixed[word];
  const [, which, interval] = /^(last|this|next)_(week|month|quarter)$/.exec(word) ?? [];
  if (interval === 'week' || interval === 'month' || interval === 'quarter') {
    if (which === 'next' && interval === 'quarter') return undefined;
    const part = now.plus({ [interval]: which === 'last' ? -1 : which === 'next' ? 1 : 0 });
    return [part.startOf(interval), part.endOf(interval).startOf('day')];
  }
  const [, ago, agoUnit] = /^([1-6])_(week|month)s?_ago$/.exec(word) ?? [];
  const [, coming, comingUnit] = /^in_([1-6])_(week|month)s?$/.exec(word) ?? [];
  const unit = agoUnit ?? comingUnit;
  if (unit === undefined || (unit === 'week' && Number(ago ?? coming) > 3)) return undefined;
  const day = now.plus({ [unit]: ago === undefined ? Number(coming) : -Number(ago) });
  return [day, day];
}
