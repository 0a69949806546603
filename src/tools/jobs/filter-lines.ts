import { z } from 'zod/v3';
import { Problem } from '../../vocabulary/problem.ts';
import type { Condition, Operator } from '../where/where.ts';
import type { Span, Word } from '../where/where-value.ts';
import { checkOperator, type FilterObject, type FilterSubject } from './filter-subjects.ts';

/** A value as text, in whatever form it comes. */
const value = z
  .unknown()
  .transform((given) =>
    given === undefined || given === null ? null : typeof given === 'object' ? JSON.stringify(given) : String(given),
  );

/** One condition of a filter as Pipedrive keeps it. */
export const line = z.object({
  object: z.string(),
  field_id: z.coerce.string(),
  operator: z.string(),
  value,
  extra_value: value,
  field_code: z.string().nullish(),
});
export type Line = z.output<typeof line>;

/** What one condition in words becomes: all of several lines, or any of them. */
export type Lines = { readonly lines: readonly NewLine[]; readonly glue: 'and' | 'or' };
export type NewLine = {
  readonly object: FilterObject;
  readonly field_id: string;
  readonly operator: string;
  readonly value: string | null;
  readonly extra_value: null;
};

/** Pipedrive's operators for ours; those of a range's end are its own. */
const operators: Readonly<Record<Operator, string>> = {
  '=': '=',
  '!=': '!=',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
  contains: "LIKE '%$%'",
  // Dropped in 2023, so that it is only read.
  'not contains': "NOT LIKE '%$%'",
  'starts with': "LIKE '$%'",
  'not starts with': "NOT LIKE '$%'",
  'is empty': 'IS NULL',
  'is not empty': 'IS NOT NULL',
};
const ofEnds: Readonly<Partial<Record<Operator, string>>> = {
  '=': 'ends_at',
  '!=': 'does_not_end_at',
  '<': 'ends_before',
  '<=': 'ends_e_before',
  '>': 'ends_after',
  '>=': 'ends_e_after',
};
const ofSets: Readonly<Partial<Record<Operator, string>>> = { contains: 'contains', 'not contains': 'not_contains' };
const ofChoices: Readonly<Partial<Record<Operator, string>>> = { contains: '=', 'not contains': '!=' };

function operatorOf({ isEnd, type, fieldType }: FilterSubject, operator: Operator): string {
  const own = isEnd ? ofEnds : type !== 'list' ? {} : fieldType === 'set' ? ofSets : ofChoices;
  return own[operator] ?? operators[operator];
}

type Context = {
  /** Of which a filter's own record has its currency. */
  readonly subjects: readonly FilterSubject[];
  /** Takes in what was made of words that Pipedrive's filters have no form for. */
  readonly fixed: string[];
};

/** The lines that mean what a condition says. Throws Problem for what Pipedrive's filters have no form for. */
export function linesOf(condition: Condition, subject: FilterSubject, context: Context): Lines {
  const { operator, name, value = [] } = condition;
  checkOperator(subject, name, operator);
  const { id } = subject;
  if (id === undefined) {
    throw new Problem(
      `where: ${name}: Pipedrive's API does not tell the id of this field, which a filter needs.`,
      'It lists the ids of fields of deals, leads, people, organizations, products and activities only.',
      'Make conditions on linked records (person., organization., deal.), or make the filter in Pipedrive.',
    );
  }
  const made = (said: Operator, given: string | null): NewLine => ({
    object: subject.object,
    field_id: id,
    operator: operatorOf(subject, said),
    value: given,
    extra_value: null,
  });
  if (operator === 'is empty' || operator === 'is not empty') return { lines: [made(operator, null)], glue: 'and' };
  const each = value.map((one) => valueLines(one, condition, subject, context, made));
  const [only, ...others] = each;
  if (only && others.length === 0) return only;
  const isNot = operator === '!=' || operator.startsWith('not ');
  const glue = isNot ? 'and' : 'or';
  const mixed = each.find((one) => one.lines.length > 1 && one.glue !== glue);
  if (mixed) throw tooMuch(name, 'Each of the values takes more than one of its conditions.');
  return { lines: each.flatMap((one) => one.lines), glue };
}

function tooMuch(name: string, why: string): Problem {
  return new Problem(
    `where: ${name}: this cannot be said in a saved filter.`,
    `${why} A filter of Pipedrive has one list of which all must hold and one of which any must.`,
    'Give it as several conditions, or make two filters.',
  );
}

function valueLines(
  value: Span | Word,
  condition: Condition,
  subject: FilterSubject,
  context: Context,
  made: (operator: Operator, value: string) => NewLine,
): Lines {
  const { operator, name } = condition;
  if (value.kind === 'word') return one(made(operator, keyOf(value.key)));
  if (subject.type === 'clock')
    return one(made(operator, value.first.length === 5 ? `${value.first}:00` : value.first));
  if (subject.type === 'number') return one(made(operator, digits(value.from)));
  if (subject.type === 'money') {
    const amount = made(operator, digits(value.from));
    return value.currency === undefined ? one(amount) : inCurrency(amount, value.currency, condition, subject, context);
  }
  const relative = relativeOf(value.written ?? '', operator);
  if (relative) return one({ ...made(relative.operator, relative.value) });
  return days(value, condition, subject, context, made, name);
}

function one(only: NewLine): Lines {
  return { lines: [only], glue: 'and' };
}

function keyOf(key: Word['key']): string {
  return typeof key === 'boolean' ? String(Number(key)) : String(key);
}

const number = new Intl.NumberFormat('en-US', { useGrouping: false, maximumFractionDigits: 16 });

function digits(amount: number): string {
  return number.format(amount);
}

/** Filters compare amounts whatever their currency, so that it takes a condition of its own, which deals alone have. */
function inCurrency(
  amount: NewLine,
  currency: string,
  { name, operator }: Condition,
  { object, code }: FilterSubject,
  { subjects }: Context,
): Lines {
  const own = subjects.find((one) => one.object === object && one.code === 'currency');
  if (own?.id === undefined || code !== 'value' || operator === '!=') {
    throw new Problem(
      `where: ${name}: a saved filter compares amounts whatever their currency.`,
      `A condition on ${currency} beside it is possible for the value of deals, and not with "!=".`,
      'Give the amount without a currency.',
    );
  }
  return { lines: [amount, { ...amount, field_id: own.id, operator: '=', value: currency }], glue: 'and' };
}

function days(
  { first, last, written = '' }: Span,
  { operator }: Condition,
  subject: FilterSubject,
  { fixed }: Context,
  made: (operator: Operator, value: string) => NewLine,
  name: string,
): Lines {
  const isGiven = /^\d{4}/.test(written);
  const isMoment = first.length > 10;
  if (isMoment && (isGiven || /(minute|hour)/.test(written))) {
    throw new Problem(
      `where: ${name}: a saved filter compares whole days.`,
      `"${written}" is a time of day.`,
      `Give a date, such as ${first.slice(0, 10)}.`,
    );
  }
  const [from, to] = [first.slice(0, 10), last.slice(0, 10)];
  const range: Lines =
    from === to || subject.isEnd || !['=', '!='].includes(operator)
      ? one(made(operator, operator === '>' || operator === '<=' ? to : from))
      : operator === '='
        ? { lines: [made('>=', from), made('<=', to)], glue: 'and' }
        : { lines: [made('<', from), made('>', to)], glue: 'or' };
  if (from !== to && subject.isEnd && (operator === '=' || operator === '!=')) {
    throw tooMuch(name, 'The end of a range is compared with single days.');
  }
  if (!isGiven) fixed.push(`${name} ${operator} ${written}: ${from === to ? from : `${from} to ${to}`}`);
  return range;
}

type Relative = { readonly operator: Operator; readonly value: string };

/** Pipedrive's words for days that move on with the calendar, where it has some. */
export function relativeOf(written: string, operator: Operator): Relative | undefined {
  const key = `${operator} ${written}`;
  const bound = bounds.get(key);
  if (bound !== undefined) return { operator: '=', value: bound };
  const value = relativeWord(written);
  return value === undefined ? undefined : { operator, value };
}

const bounds: ReadonlyMap<string, string> = new Map([
  ['< today', 'before_today'],
  ['<= yesterday', 'before_today'],
  ['>= today', 'later_or_today'],
  ['<= today', 'before_tomorrow'],
  ['< tomorrow', 'before_tomorrow'],
  ['> today', 'later_or_tomorrow'],
  ['>= tomorrow', 'later_or_tomorrow'],
]);

function relativeWord(written: string): string | undefined {
  if (['today', 'yesterday', 'tomorrow', 'now'].includes(written)) return written;
  if (/^((last|this|next) (week|month)|(last|this) quarter)$/.test(written)) return written.replace(' ', '_');
  const [, lead, many = '', unit = '', ago] = /^(in )?(\d{1,2}|a) (day|week|month)s?( ago)?$/.exec(written) ?? [];
  if ((lead === undefined) === (ago === undefined)) return undefined;
  const given = many === 'a' ? 1 : Number(many);
  const count = unit === 'day' ? given / 7 : given;
  const named = unit === 'month' ? 'month' : 'week';
  if (!Number.isInteger(count) || count < 1 || count > (named === 'month' ? 6 : 3)) return undefined;
  // Its one month ago is called 1_months_ago, its one week ago 1_week_ago.
  if (ago !== undefined) return `${count}_${named}${count === 1 && named === 'week' ? '' : 's'}_ago`;
  return `in_${count}_${named}${count === 1 ? '' : 's'}`;
}

type Said = { readonly operator: string; readonly isEnd: boolean; readonly value: string | undefined };

const said: ReadonlyMap<string, { operator: string; isEnd: boolean }> = new Map<
  string,
  { operator: string; isEnd: boolean }
>([
  ...Object.entries(operators).map(([ours, theirs]) => [theirs, { operator: ours, isEnd: false }] as const),
  ...Object.entries(ofEnds).map(([ours, theirs]) => [theirs, { operator: ours, isEnd: true }] as const),
  ...Object.entries(ofSets).map(([ours, theirs]) => [theirs, { operator: ours, isEnd: false }] as const),
  ["LIKE '%$'", { operator: 'ends with', isEnd: false }],
  ["NOT LIKE '%$'", { operator: 'does not end with', isEnd: false }],
  ['has_been', { operator: 'has been', isEnd: false }],
  ['belongs_to_team', { operator: 'belongs to team', isEnd: false }],
]);

const boundsSaid: ReadonlyMap<string, readonly [operator: string, value: string]> = new Map([
  ['before_today', ['<', 'today']],
  ['later_or_today', ['>=', 'today']],
  ['before_tomorrow', ['<=', 'today']],
  ['later_or_tomorrow', ['>', 'today']],
]);

/** What a line asks, in the words of conditions where they have them; the value as it is, relative days in words. */
export function asSaid({ operator, value }: Line): Said {
  const ours = said.get(operator) ?? { operator, isEnd: false };
  if (value === null) return { ...ours, value: undefined };
  const bound = operator === '=' ? boundsSaid.get(value) : undefined;
  if (bound) return { operator: bound[0], isEnd: ours.isEnd, value: bound[1] };
  return { ...ours, value };
}

/** `3 weeks ago` of `3_weeks_ago`; undefined for anything but a relative day. */
export function relativeSaid(value: string): string | undefined {
  if (/^(now|today|yesterday|tomorrow|rotten_time)$/.test(value)) return value.replace('_', ' ');
  if (!/^(\d_(weeks?|months)_ago|in_\d_(weeks?|months?)|(last|this|next)_(week|month|quarter))$/.test(value))
    return undefined;
  return value.replaceAll('_', ' ').replace(/^1 months/, '1 month');
}
